package io.sparkface.pipeline.embed;

import io.sparkface.base.AllCores;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.apache.hadoop.conf.Configuration;

/** A network that turns pictures into embeddings. Not for use by several threads at once. */
public sealed interface Embedder extends AutoCloseable permits GraphEmbedder, OnnxEmbedder {
  /**
   * Raw embeddings (not normalised), one row a picture; pictures of another size are resized.
   *
   * @return [pictures][width]
   */
  float[][] embed(List<RgbImage> pictures);

  /**
   * Begins to embed {@code count} pictures, after those that were begun before. Where the network
   * can be computed side by side, the threads that do also make the pictures; else they are made
   * and embedded before this returns.
   *
   * @param pictures makes each of them, on any thread
   */
  default CompletableFuture<float[][]> begin(int count, IntFunction<RgbImage> pictures) {
    RgbImage[] made = new RgbImage[count];
    AllCores.each(count, i -> made[i] = pictures.apply(i));
    return CompletableFuture.completedFuture(embed(List.of(made)));
  }

  /** Pictures that should be begun behind those that are waited for, so that no core has to. */
  default int ahead() {
    return 0;
  }

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
