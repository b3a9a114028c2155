package io.sparkface.pipeline.embed;

import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** A network that turns pictures into embeddings. Not for use by several threads at once. */
public sealed interface Embedder extends AutoCloseable permits GraphEmbedder, OnnxEmbedder {
  /**
   * Raw embeddings (not normalised), one row a picture; pictures of another size are resized.
   *
   * @return [pictures][width]
   */
  float[][] embed(List<RgbImage> pictures);

  /** Length of an embedding. */
  int width();

  @Override
  void close();

  /**
   * Opens a model by its path: a directory that {@code train} wrote, or a {@link ModelFile}.
   *
   * @param input how pixels are scaled for a foreign model that does not say itself; Sparkface's
   *     own always take {@link Normalisation#FACE}
   */
  static Embedder open(String model, Normalisation input, Configuration hadoop) {
    Optional<ModelFile> foreign = ModelFile.named(model);
    return foreign.isPresent()
        ? OnnxEmbedder.of(foreign.get().read(hadoop), model, input, OnnxNetwork.ALL_CORES)
        : GraphEmbedder.open(model, hadoop);
  }
}
