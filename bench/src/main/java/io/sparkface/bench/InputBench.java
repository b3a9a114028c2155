package io.sparkface.bench;

import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.pipeline.distill.OnlineTeacher;
import io.sparkface.pipeline.input.AugmentationSpec;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.EpochBatches;
import io.sparkface.pipeline.input.SelectedRows;
import io.sparkface.pipeline.input.ShuffledOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Images per second that training's input gives with no network behind it: row groups read,
 * pictures decoded, augmented, normalised and put into batches. The floor is decoding the same
 * pictures from memory and nothing else, on the same cores.
 */
@Command(name = "bench/run input", mixinStandardHelpOptions = true, sortOptions = false)
final class InputBench implements Callable<Integer> {
  private static final int BATCH = 128;

  @Option(names = "--size", defaultValue = "100m", description = "of the set")
  private String size;

  @Option(names = "--threads", defaultValue = "2", description = "cores")
  private int threads;

  @Option(names = "--repeats", defaultValue = "5", description = "timings, of which the median")
  private int repeats;

  @Option(names = "--random-status", defaultValue = "0", description = "level of augmentation")
  private int randomStatus;

  public static void main(String[] args) {
    System.exit(new CommandLine(new InputBench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("bench-input");
    try {
      BenchPictures pictures = new BenchPictures();
      SparkSession spark = Bench.spark(threads);
      int images = (int) Bench.faces(spark, pictures, work, size).rows();
      Configuration hadoop = spark.sparkContext().hadoopConfiguration();
      spark.stop();
      InTurn.timed(
              repeats,
              repeat ->
                  images / Bench.seconds(() -> read(work.resolve("faces"), repeat + 1, hadoop)),
              repeat -> images / Bench.seconds(() -> decode(pictures.pool(), images)))
          .print(
              String.format(
                  Locale.ROOT,
                  "%d images, random-status %d, images/s on %d cores",
                  images,
                  randomStatus,
                  threads),
              "floor");
      return 0;
    } finally {
      Bench.delete(work);
    }
  }

  private static void decode(List<byte[]> pool, int images) {
    IntStream.range(0, images)
        .parallel()
        .forEach(i -> ImageDecoder.decode(pool.get(i % pool.size()), "picture"));
  }

  private void read(Path faces, int epoch, Configuration hadoop) {
    FaceSet set = FaceSet.open(new org.apache.hadoop.fs.Path(faces.toString()), hadoop);
    BatchOrder order = new ShuffledOrder(SelectedRows.all(set), BATCH, 1);
    BatchReader reader =
        new BatchReader(
            set,
            Optional.empty(),
            new BatchReader.Options(
                1,
                112,
                112,
                new AugmentationSpec(randomStatus, AugmentationSpec.NONE.policy(), 0),
                0,
                OnlineTeacher.Source.NONE),
            hadoop);
    try (EpochBatches batches = new EpochBatches(reader, order, epoch, 0, order.steps())) {
      while (batches.hasNext()) {
        batches.next();
      }
    }
  }
}
