package io.sparkface.pipeline.clean;

import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.pipeline.embed.EmbeddingPass;
import io.sparkface.pipeline.embed.EmbeddingShards;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Means of identities' embeddings, and every image's cosine with the mean of the others of its
 * identity.
 *
 * <p>Sums are made by a shuffle, which spills to disk, and lie in files, read by the tasks that
 * measure: one in an executor, as of those that embed.
 */
final class MeanRound {
  /** Below this length the others of an identity have no direction: there are none. */
  private static final double NO_DIRECTION = 1e-5;

  private final JavaSparkContext spark;
  private final List<Shard> shards;
  private final double least;
  private final Path directory;
  private final SerializableConfiguration hadoop;

  /**
   * The files about one file of the set, in step with one another.
   *
   * @param before cosines that the round before found, null in the first
   */
  private record Shard(int number, String embeddings, String before) implements Serializable {}

  /**
   * An image.
   *
   * @param before cosine that the round before found, 1 in the first
   */
  record Row(long key, int identity, float[] unit, float before) {}

  /**
   * @param embeddings shards of unit vectors
   * @param before shards of cosines with the means of the round before, in whose place there are
   *     none in the first
   * @param least images whose cosine in the round before was not above it have no part in the mean
   * @param directory of this round alone; what a killed job left there is deleted
   */
  MeanRound(
      JavaSparkContext spark,
      List<String> embeddings,
      Optional<List<String>> before,
      double least,
      Path directory) {
    this.spark = spark;
    this.shards = new ArrayList<>();
    for (int i = 0; i < embeddings.size(); i++) {
      int number = i;
      shards.add(
          new Shard(i, embeddings.get(i), before.map(files -> files.get(number)).orElse(null)));
    }
    this.least = least;
    this.directory = directory;
    this.hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
  }

  /** Shards of one cosine per image. */
  List<String> cosines(int identities) throws IOException {
    FileSystem fs = directory.getFileSystem(spark.hadoopConfiguration());
    fs.delete(directory, true);
    fs.mkdirs(directory);
    sum();
    return measure(identities);
  }

  /** Whether an image has part in its identity's mean. */
  static boolean counts(Row row, double least) {
    return row.before() > least;
  }

  /**
   * Cosine of an image with the mean of the others of its identity; that of the round before where
   * there are no others.
   *
   * @param sum of all unit vectors that count, this image's among them if it does
   */
  static float cosine(Row row, float[] sum, double least) {
    boolean counts = counts(row, least);
    double product = 0;
    double square = 0;
    for (int d = 0; d < sum.length; d++) {
      double others = counts ? sum[d] - row.unit()[d] : sum[d];
      product += others * row.unit()[d];
      square += others * others;
    }
    double length = Math.sqrt(square);
    return length < NO_DIRECTION ? row.before() : (float) (product / length);
  }

  private void sum() {
    double limit = least;
    SerializableConfiguration conf = hadoop;
    String target = directory.toString();
    JavaPairRDD<Integer, float[]> counting =
        spark
            .parallelize(shards, Math.min(shards.size(), spark.defaultParallelism()))
            .flatMap(shard -> new Rows(shard, conf.value()))
            .filter(row -> counts(row, limit))
            .mapToPair(row -> new Tuple2<>(row.identity(), row.unit()));
    counting
        .combineByKey(
            first -> plus(new double[first.length], first),
            MeanRound::plus,
            (a, b) -> {
              for (int d = 0; d < a.length; d++) {
                a[d] += b[d];
              }
              return a;
            })
        .foreachPartition(
            sums ->
                EmbeddingShards.writeWhole(
                    new Path(target, name("sums", TaskContext.getPartitionId())),
                    conf.value(),
                    EmbeddingFile.Precision.FLOAT32,
                    out -> {
                      while (sums.hasNext()) {
                        Tuple2<Integer, double[]> sum = sums.next();
                        out.write(new Embedding(sum._1(), sum._1(), floats(sum._2())));
                      }
                    }));
  }

  private static double[] plus(double[] sum, float[] unit) {
    for (int d = 0; d < unit.length; d++) {
      sum[d] += unit[d];
    }
    return sum;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int d = 0; d < floats.length; d++) {
      floats[d] = (float) values[d];
    }
    return floats;
  }

  private List<String> measure(int identities) {
    double limit = least;
    SerializableConfiguration conf = hadoop;
    String target = directory.toString();
    spark
        .parallelize(shards, Math.min(shards.size(), EmbeddingPass.networks(spark)))
        .foreachPartition(
            part -> {
              float[][] sums = sums(new Path(target), identities, conf.value());
              while (part.hasNext()) {
                Shard shard = part.next();
                EmbeddingShards.writeWhole(
                    new Path(target, name("cosines", shard.number())),
                    conf.value(),
                    EmbeddingFile.Precision.FLOAT32,
                    out -> {
                      for (Rows rows = new Rows(shard, conf.value()); rows.hasNext(); ) {
                        Row row = rows.next();
                        float[] sum = sums[row.identity()];
                        float cosine = sum == null ? row.before() : cosine(row, sum, limit);
                        out.write(new Embedding(row.key(), row.identity(), new float[] {cosine}));
                      }
                    });
              }
            });
    return shards.stream()
        .map(shard -> new Path(target, name("cosines", shard.number())).toString())
        .toList();
  }

  /** Sums by identity; null where no image counts. */
  private static float[][] sums(Path directory, int identities, Configuration hadoop)
      throws IOException {
    float[][] sums = new float[identities][];
    FileSystem fs = directory.getFileSystem(hadoop);
    for (FileStatus file : fs.globStatus(new Path(directory, "sums-*.parquet"))) {
      try (EmbeddingFile in = EmbeddingFile.open(file.getPath(), hadoop)) {
        in.read().forEachRemaining(sum -> sums[sum.label()] = sum.values());
      }
    }
    return sums;
  }

  private static String name(String kind, int number) {
    return String.format(Locale.ROOT, "%s-%05d.parquet", kind, number);
  }

  /** The images of a shard, with what the round before found. */
  private static final class Rows implements Iterator<Row> {
    private final EmbeddingFile embeddings;
    private final EmbeddingFile cosines;
    private final Iterator<Embedding> units;
    private final Iterator<Embedding> before;

    Rows(Shard shard, Configuration hadoop) throws IOException {
      this.embeddings = EmbeddingFile.open(new Path(shard.embeddings()), hadoop);
      this.cosines =
          shard.before() == null ? null : EmbeddingFile.open(new Path(shard.before()), hadoop);
      this.units = embeddings.read();
      this.before = cosines == null ? null : cosines.read();
    }

    @Override
    public boolean hasNext() {
      boolean more = units.hasNext();
      if (!more) {
        close();
      }
      return more;
    }

    @Override
    public Row next() {
      Embedding unit = units.next();
      float cosine = 1;
      if (before != null) {
        Embedding found = before.next();
        if (found.key() != unit.key()) {
          throw new IllegalStateException("cosines are not in step with embeddings");
        }
        cosine = found.values()[0];
      }
      return new Row(unit.key(), unit.label(), unit.values(), cosine);
    }

    private void close() {
      try {
        embeddings.close();
        if (cosines != null) {
          cosines.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
