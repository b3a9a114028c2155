package io.sparkface.models.embedding;

import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.models.HeadOptions;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.backbones.FeatureMap;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.BatchNormAct;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.GlobalAveragePool;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.weights.WeightInitXavier;

/**
 * How a feature map becomes an embedding. All may begin with a pointwise convolution and end in a
 * dense layer (Glorot normal; without bias, unless {@link HeadOptions} says otherwise) and a batch
 * normalisation, which are one layer here, {@link #VERTEX}.
 */
public enum EmbeddingHead {
  /** Global depthwise convolution as large as the map, normalisation, dropout, dense. */
  GDC {
    @Override
    FeatureMap reduce(GraphBuilder graph, NetworkSpec spec, FeatureMap map) {
      String name = "GDC_dw";
      graph.addLayer(
          name,
          prepared(
                  spec,
                  ConvBnAct.of(map.channels(), map.channels())
                      .kernel(map.height(), map.width())
                      .padding(Padding.VALID)
                      .groups(map.channels()))
              .build(),
          map.vertex());
      return new FeatureMap(name, 1, 1, map.channels());
    }
  },
  /** Normalisation, dropout, dense over the whole map. */
  E {
    @Override
    FeatureMap reduce(GraphBuilder graph, NetworkSpec spec, FeatureMap map) {
      return normalised("E_batchnorm", graph, spec, map);
    }
  },
  /** Normalisation, mean over the map, dropout, dense. */
  GAP {
    @Override
    FeatureMap reduce(GraphBuilder graph, NetworkSpec spec, FeatureMap map) {
      FeatureMap normalised = normalised("GAP_batchnorm", graph, spec, map);
      String name = "GAP_pool";
      graph.addLayer(name, GlobalAveragePool.of(map.channels()), normalised.vertex());
      return new FeatureMap(name, 1, 1, map.channels());
    }
  },
  /** Dropout, dense over the whole map. */
  F {
    @Override
    FeatureMap reduce(GraphBuilder graph, NetworkSpec spec, FeatureMap map) {
      return map;
    }
  };

  /** The name of the last vertex: {@code [n, embeddingSize]}. */
  public static final String VERTEX = "embedding";

  private static final Set<String> LEARNING =
      Set.of("pw_conv", "GDC_dw", "E_batchnorm", "GAP_batchnorm", VERTEX);

  /** Whether a vertex that learns is a head's and not the backbone's. */
  public static boolean has(String vertex) {
    return LEARNING.contains(vertex);
  }

  abstract FeatureMap reduce(GraphBuilder graph, NetworkSpec spec, FeatureMap map);

  /** The head of a name, in upper or lower case. */
  public static EmbeddingHead named(String name) {
    List<String> names = Arrays.stream(values()).map(Enum::name).toList();
    return Arrays.stream(values())
        .filter(head -> head.name().equals(name.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UserError(
                    "unknown embedding head '" + name + "'",
                    "head of the network specification",
                    Nearest.advice(name, names)));
  }

  /** Appends the head behind {@code map} and returns {@link #VERTEX}. */
  public String addTo(GraphBuilder graph, NetworkSpec spec, FeatureMap map) {
    FeatureMap reduced = reduce(graph, spec, pointwise(graph, spec, map));
    ConvBnAct.Builder dense =
        prepared(
            spec,
            ConvBnAct.of(reduced.channels(), spec.embeddingSize())
                .kernel(reduced.height(), reduced.width())
                .padding(Padding.VALID)
                .flatten());
    if (spec.headOptions().bias()) {
      dense.bias();
    }
    if (!spec.headOptions().scale()) {
      dense.withoutScale();
    }
    if (spec.dropout() > 0 && spec.dropout() < 1) {
      // DL4J counts the share that is kept
      dense.dropOut(new Dropout(1 - spec.dropout()));
    }
    graph.addLayer(VERTEX, dense.build(), reduced.vertex());
    return VERTEX;
  }

  /** Fewer channels by a 1x1 convolution, if the specification wants it. */
  private static FeatureMap pointwise(GraphBuilder graph, NetworkSpec spec, FeatureMap map) {
    HeadOptions options = spec.headOptions();
    if (options.pointwise() == 0) {
      return map;
    }
    int filters =
        options.pointwise() == HeadOptions.HALF ? map.channels() / 2 : options.pointwise();
    String name = "pw_conv";
    graph.addLayer(
        name,
        prepared(spec, ConvBnAct.of(map.channels(), filters))
            .act(options.pointwiseActivation())
            .build(),
        map.vertex());
    return new FeatureMap(name, map.height(), map.width(), filters);
  }

  private static <B extends BlockLayer.Builder<B>> B prepared(NetworkSpec spec, B builder) {
    builder.weightInit(new WeightInitXavier());
    return builder
        .batchNorm(spec.batchNormMomentum(), spec.batchNormEpsilon())
        .insteadOfRelu(spec.surgery().insteadOfRelu())
        .decayed(spec.surgery().decayed());
  }

  private static FeatureMap normalised(
      String name, GraphBuilder graph, NetworkSpec spec, FeatureMap map) {
    graph.addLayer(name, prepared(spec, BatchNormAct.of(map.channels())).build(), map.vertex());
    return new FeatureMap(name, map.height(), map.width(), map.channels());
  }
}
