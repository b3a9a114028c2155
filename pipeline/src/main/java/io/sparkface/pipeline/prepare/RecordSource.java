package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.recordio.BadRecord;
import io.sparkface.datasets.recordio.ImageRecord;
import io.sparkface.datasets.recordio.RecordFile;
import io.sparkface.datasets.recordio.RecordIndex;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A {@code .rec} read by byte ranges, so that several executors read one file. Keys come from the
 * {@code .idx} beside it, of which each range is sent its own part, and without one are the
 * records' byte offsets. Header0 and identity records are known by having labels and no image, so
 * that no float32 count has to be believed (traps 2 to 4).
 */
final class RecordSource implements FaceSource {
  private static final long RANGE_BYTES = 32L << 20;

  /** Largest number that float32 holds exactly, as do all below it. */
  static final float EXACT = 1 << 24;

  private final Path records;
  private final Configuration hadoop;
  private final RecordIndex index;
  private final Labels labels;
  private final long length;

  /**
   * What labels may be.
   *
   * @param classes how many there are, the largest number where nothing says so
   * @param saidBy what says so
   * @param firstIdentity key of the first identity record, -1 where there is none
   */
  record Labels(int classes, String saidBy, long firstIdentity) implements Serializable {}

  private record Range(long start, long end, RecordIndex index) implements Serializable {}

  private RecordSource(
      Path records, Configuration hadoop, RecordIndex index, Labels labels, long length) {
    this.records = records;
    this.hadoop = hadoop;
    this.index = index;
    this.labels = labels;
    this.length = length;
  }

  static RecordSource open(Path records, Configuration hadoop) throws IOException {
    FileSystem fs = records.getFileSystem(hadoop);
    Path indexFile =
        new Path(records.getParent(), records.getName().replaceFirst("\\.rec$", ".idx"));
    RecordIndex index = RecordIndex.none();
    if (fs.exists(indexFile)) {
      try (InputStream in = fs.open(indexFile)) {
        index = RecordIndex.read(in, indexFile.toString());
      }
    }
    return new RecordSource(
        records, hadoop, index, labels(records, index, hadoop), fs.getFileStatus(records).getLen());
  }

  /** The {@code property} file says how many classes there are (spec 1.5), else header0 does. */
  private static Labels labels(Path records, RecordIndex index, Configuration hadoop)
      throws IOException {
    Optional<float[]> header = header0(records, index, hadoop);
    long firstIdentity = header.map(labels -> (long) labels[0]).orElse(-1L);
    FileSystem fs = records.getFileSystem(hadoop);
    Path property = new Path(records.getParent(), "property");
    if (fs.exists(property)) {
      return new Labels(declaredClasses(fs, property), "property file", firstIdentity);
    }
    return header
        .map(range -> new Labels((int) (range[1] - range[0]), "header record", firstIdentity))
        .orElse(new Labels(Integer.MAX_VALUE, "", -1));
  }

  /** Header0's two labels where it is there and float32 holds them exactly (spec 1.4). */
  private static Optional<float[]> header0(Path records, RecordIndex index, Configuration hadoop)
      throws IOException {
    long offset = index.size() == 0 ? 0 : index.offset(0).orElse(-1);
    if (offset < 0) {
      return Optional.empty();
    }
    try (RecordFile file = RecordFile.open(records, hadoop, offset, offset + 1)) {
      ImageRecord record = file.next();
      if (record == null || !record.isMetadata() || record.labels().length != 2) {
        return Optional.empty();
      }
      float[] range = record.labels();
      boolean sound = range[0] >= 1 && range[1] > range[0] && range[1] <= EXACT;
      return sound ? Optional.of(range) : Optional.empty();
    } catch (BadRecord e) {
      // reported with all others, when the file is read
      return Optional.empty();
    }
  }

  private static int declaredClasses(FileSystem fs, Path property) throws IOException {
    try (InputStream in = fs.open(property)) {
      String line = new String(in.readNBytes(256), StandardCharsets.US_ASCII);
      return Integer.parseInt(line.split("[,\\s]", 2)[0]);
    } catch (NumberFormatException e) {
      throw new UserError(
          "the first line is not 'classes,height,width'",
          property.toString(),
          "correct the file, or take it away",
          e);
    }
  }

  @Override
  public long bytes() {
    return length;
  }

  @Override
  public JavaRDD<Entry> entries(JavaSparkContext spark) {
    long size = Math.max(1 << 16, Math.min(RANGE_BYTES, length / spark.defaultParallelism() + 1));
    List<Range> ranges = new ArrayList<>();
    for (long start = 0; start < length || start == 0; start += size) {
      boolean last = start + size >= length;
      // the last one answers for records that the index names behind the file's end
      ranges.add(
          new Range(
              start,
              Math.min(length, start + size),
              index.slice(start, last ? Long.MAX_VALUE : start + size)));
    }
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    String path = records.toString();
    Labels allowed = labels;
    boolean indexed = index.size() > 0;
    return spark
        .parallelize(ranges, ranges.size())
        .flatMap(
            range ->
                new RangeEntries(
                    path,
                    RecordFile.open(
                        new Path(path), configuration.value(), range.start(), range.end()),
                    indexed ? Optional.of(range.index()) : Optional.empty(),
                    allowed));
  }
}
