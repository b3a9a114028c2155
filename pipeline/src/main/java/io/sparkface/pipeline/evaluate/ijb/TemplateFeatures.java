package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.base.UserError;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * One L2-normalised feature a template: the sum over its media of the mean over the media's images
 * (spec 7.3 step 3).
 */
public final class TemplateFeatures {
  private final int[] templates;
  private final float[][] features;

  private TemplateFeatures(int[] templates, float[][] features) {
    this.templates = templates;
    this.features = features;
  }

  /**
   * Aggregates on executors and brings one feature a template to the driver. Sums are made in
   * double, so that the order in which Spark meets the images does not show.
   */
  public static TemplateFeatures of(JavaRDD<FaceRow> faces, Combination combination) {
    List<Tuple2<Integer, float[]>> collected =
        faces
            .mapToPair(
                face ->
                    new Tuple2<>(
                        (long) face.template() << 32 | face.media(),
                        new Sum(combination.of(face), 1)))
            .reduceByKey(Sum::plus)
            .mapToPair(
                media -> new Tuple2<>((int) (media._1() >>> 32), new Sum(media._2().mean(), 1)))
            .reduceByKey(Sum::plus)
            .mapValues(Sum::normalised)
            .sortByKey()
            .collect();
    int[] templates = new int[collected.size()];
    float[][] features = new float[templates.length][];
    for (int i = 0; i < templates.length; i++) {
      templates[i] = collected.get(i)._1();
      features[i] = collected.get(i)._2();
    }
    return new TemplateFeatures(templates, features);
  }

  private record Sum(double[] values, int count) implements Serializable {
    /** Into the left one's values: Spark hands over what nobody else holds. */
    Sum plus(Sum other) {
      for (int d = 0; d < values.length; d++) {
        values[d] += other.values[d];
      }
      return new Sum(values, count + other.count);
    }

    double[] mean() {
      double[] mean = new double[values.length];
      for (int d = 0; d < mean.length; d++) {
        mean[d] = values[d] / count;
      }
      return mean;
    }

    float[] normalised() {
      double square = 0;
      for (double value : values) {
        square += value * value;
      }
      float[] unit = new float[values.length];
      for (int d = 0; d < unit.length; d++) {
        unit[d] = square == 0 ? 0 : (float) (values[d] / Math.sqrt(square));
      }
      return unit;
    }
  }

  /** Number of templates. */
  public int size() {
    return templates.length;
  }

  /** Values of a feature. */
  public int width() {
    return features.length == 0 ? 0 : features[0].length;
  }

  /**
   * @throws UserError when no image belongs to the template
   */
  float[] of(int template) {
    return features[index(template)];
  }

  private int index(int template) {
    int index = Arrays.binarySearch(templates, template);
    if (index < 0) {
      throw new UserError(
          "no image belongs to template " + template,
          "the release's meta files",
          "use meta files of one release together");
    }
    return index;
  }

  /** Dot product of each pair's features, on all cores: nothing but the scores is made. */
  public float[] scores(TemplatePairs pairs) {
    float[] scores = new float[pairs.size()];
    int part = 1 << 14;
    IntStream.range(0, (scores.length + part - 1) / part)
        .parallel()
        .forEach(
            p -> {
              int to = Math.min(scores.length, (p + 1) * part);
              for (int i = p * part; i < to; i++) {
                scores[i] = dot(of(pairs.first()[i]), of(pairs.second()[i]));
              }
            });
    return scores;
  }

  /** Four sums side by side, so that one multiplication need not wait for the one before. */
  private static float dot(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int d = 0;
    for (; d + 3 < a.length; d += 4) {
      s0 = Math.fma(a[d], b[d], s0);
      s1 = Math.fma(a[d + 1], b[d + 1], s1);
      s2 = Math.fma(a[d + 2], b[d + 2], s2);
      s3 = Math.fma(a[d + 3], b[d + 3], s3);
    }
    for (; d < a.length; d++) {
      s0 = Math.fma(a[d], b[d], s0);
    }
    return (s0 + s1) + (s2 + s3);
  }
}
