package io.sparkface.models.embedding;

import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import io.sparkface.models.backbones.Blocks;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;

/** From a feature map to an embedding; each ends in a batch normalisation (spec 3.2). */
public enum EmbeddingHead {
  /** Global depthwise convolution over the whole map, batch normalisation, dropout, dense. */
  GDC {
    @Override
    String features(Blocks blocks, NetworkSpec spec, String map) {
      int side = mapSide(spec.height());
      String x = blocks.depthwise(map, side, 1, ConvolutionMode.Truncate);
      return dropout(blocks, spec, blocks.batchNorm(x));
    }
  },
  /** Batch normalisation, dropout, flatten, dense. */
  E {
    @Override
    String features(Blocks blocks, NetworkSpec spec, String map) {
      return dropout(blocks, spec, blocks.batchNorm(map));
    }
  },
  /** Batch normalisation, global average, dropout, dense. */
  GAP {
    @Override
    String features(Blocks blocks, NetworkSpec spec, String map) {
      String pooled =
          blocks.named(
              "GAP_pool",
              new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
              blocks.batchNorm(map));
      return dropout(blocks, spec, pooled);
    }
  },
  /** Dropout, flatten, dense. */
  F {
    @Override
    String features(Blocks blocks, NetworkSpec spec, String map) {
      return dropout(blocks, spec, map);
    }
  };

  /**
   * @throws UserError with the nearest name when there is no such head (trap 23)
   */
  public static EmbeddingHead of(String name) {
    List<String> names = Arrays.stream(values()).map(Enum::name).toList();
    if (!names.contains(name)) {
      throw new UserError(
          "unknown embedding head '" + name + "'", "network.head", Nearest.advice(name, names));
    }
    return valueOf(name);
  }

  abstract String features(Blocks blocks, NetworkSpec spec, String map);

  /** Appends the head; returns the embedding's vertex. */
  public String addTo(Blocks blocks, NetworkSpec spec, String map) {
    String dense =
        blocks.named(
            "embedding_dense",
            new DenseLayer.Builder()
                .nOut(spec.embeddingSize())
                .hasBias(false)
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.IDENTITY)
                .build(),
            features(blocks, spec, map));
    return blocks.named(Networks.EMBEDDING, blocks.normalisation(), dense);
  }

  /** MobileFaceNet halves the map four times, rounding up. */
  private static int mapSide(int pixels) {
    return (pixels + 15) / 16;
  }

  private static String dropout(Blocks blocks, NetworkSpec spec, String input) {
    if (spec.dropout() == 0) {
      return input;
    }
    // DL4J's argument is the share that stays
    return blocks.named("dropout", new DropoutLayer(1 - spec.dropout()), input);
  }
}
