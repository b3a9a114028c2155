package io.sparkface.pipeline.export;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.BatchNormFolding;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import io.sparkface.models.interop.onnx.PixelInput;
import io.sparkface.pipeline.embed.OnnxEmbedder;
import io.sparkface.pipeline.evaluate.PairEmbeddings;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Size, time and accuracy of a model in several precisions, normalisations folded, one picture at a
 * time: what it costs to be smaller or faster.
 */
public final class ModelBenchmark {
  private static final int WARM_UP = 5;
  private static final int BATCH = 8;
  private static final int FACES = 256;
  private static final int DRAWN_SIDE = 112;

  private ModelBenchmark() {}

  /**
   * One row of the table.
   *
   * @param bytes of the model's file
   * @param medianMillis time for one picture, decoded and of the right size
   * @param accuracy on the pair set, where one was given
   */
  public record Row(
      Precision precision,
      int threads,
      long bytes,
      double medianMillis,
      double fastestMillis,
      Optional<Double> accuracy) {}

  /**
   * @param model path of a model directory, or of a model of others
   * @param normalisation of a model of others that does not say how its pixels are scaled
   * @param faces face set or pair set to calibrate int8 on and to time with; drawn pictures where
   *     none is given
   * @param pairs pair set to measure the accuracy on
   * @param runs timed per row
   */
  public record Options(
      String model,
      Normalisation normalisation,
      List<Precision> precisions,
      List<Integer> threads,
      Optional<String> faces,
      Optional<String> pairs,
      int runs) {}

  /** One row for each precision and number of threads. */
  public static List<Row> run(Options options, Configuration hadoop) throws IOException {
    if (options.precisions().contains(Precision.INT8) && options.faces().isEmpty()) {
      throw new UserError(
          "int8 has to be calibrated on faces",
          "--precision int8",
          "name a face set or pair set with --faces");
    }
    ModelExport.Source source =
        ModelExport.source(
            options.model(),
            options.normalisation(),
            PixelInput.NORMALISED,
            ModelExport.Answer.EMBEDDING,
            hadoop);
    ModelExport.Source folded =
        new ModelExport.Source(
            BatchNormFolding.of(source.model()), source.normalisation(), source.card());
    List<RgbImage> faces =
        options.faces().isPresent()
            ? FaceSample.read(options.faces().get(), FACES, hadoop)
            : FaceSample.drawn(BATCH, DRAWN_SIDE, DRAWN_SIDE);
    Optional<PairSet> pairs = options.pairs().map(set -> PairSet.open(set, hadoop));
    List<Row> rows = new ArrayList<>();
    for (Precision precision : options.precisions()) {
      OnnxModel model = ModelExport.converted(folded, precision, faces, options.model());
      Optional<Double> accuracy =
          pairs.map(set -> accuracy(model, options.model(), source.normalisation(), set));
      for (int threads : options.threads()) {
        double[] millis =
            times(model, options.model(), source.normalisation(), threads, faces, options.runs());
        rows.add(
            new Row(
                precision,
                threads,
                model.bytes().length,
                millis[millis.length / 2],
                millis[0],
                accuracy));
      }
    }
    return rows;
  }

  /** Plain and mirrored, as `evaluate` does. */
  private static double accuracy(OnnxModel model, String where, Normalisation input, PairSet set) {
    List<PairSet.Picture> pictures = set.pictures();
    float[][] sums = new float[pictures.size()][];
    try (OnnxEmbedder embedder = OnnxEmbedder.of(model, where, input, OnnxNetwork.ALL_CORES)) {
      for (int from = 0; from < sums.length; from += BATCH) {
        List<RgbImage> views = new ArrayList<>();
        int to = Math.min(from + BATCH, sums.length);
        for (int i = from; i < to; i++) {
          RgbImage picture = pictures.get(i).decoded();
          views.add(picture);
          views.add(picture.flipped());
        }
        float[][] found = embedder.embed(views);
        for (int i = from; i < to; i++) {
          sums[i] = found[2 * (i - from)];
          float[] mirrored = found[2 * (i - from) + 1];
          for (int d = 0; d < mirrored.length; d++) {
            sums[i][d] += mirrored[d];
          }
        }
      }
    }
    PairEmbeddings pairs = PairEmbeddings.of(set, sums);
    return Verification.of(pairs.cosines(), pairs.same()).accuracy();
  }

  private static double[] times(
      OnnxModel model,
      String where,
      Normalisation input,
      int threads,
      List<RgbImage> faces,
      int runs) {
    if (runs < 1 || threads < 1) {
      throw new UserError(
          "nothing to time", "--threads, --runs", "give whole numbers of 1 or more");
    }
    try (OnnxEmbedder embedder = OnnxEmbedder.of(model, where, input, threads)) {
      double[] millis = new double[runs];
      for (int i = -WARM_UP; i < runs; i++) {
        List<RgbImage> one = List.of(faces.get(Math.floorMod(i, faces.size())));
        long begin = System.nanoTime();
        embedder.embed(one);
        if (i >= 0) {
          millis[i] = (System.nanoTime() - begin) / 1e6;
        }
      }
      Arrays.sort(millis);
      return millis;
    }
  }
}
