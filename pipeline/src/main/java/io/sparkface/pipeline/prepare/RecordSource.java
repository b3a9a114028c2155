package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.recordio.BadRecord;
import io.sparkface.datasets.recordio.ImageRecord;
import io.sparkface.datasets.recordio.RecordFile;
import io.sparkface.datasets.recordio.RecordIndex;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A {@code .rec} read by byte ranges, so that several executors read one file. Keys come from the
 * {@code .idx} beside it, and without one are the records' byte offsets. Header0 and identity
 * records are known by having labels and no image, so that no float32 count has to be believed
 * (traps 2 to 4).
 */
final class RecordSource implements FaceSource {
  private static final long RANGE_BYTES = 32L << 20;

  private final Path records;
  private final Configuration hadoop;
  private final RecordIndex index;
  private final int classes;

  private record Range(long start, long end) implements Serializable {}

  private RecordSource(Path records, Configuration hadoop, RecordIndex index, int classes) {
    this.records = records;
    this.hadoop = hadoop;
    this.index = index;
    this.classes = classes;
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
        records, hadoop, index, declaredClasses(fs, new Path(records.getParent(), "property")));
  }

  /**
   * Classes that the {@code property} file declares (spec 1.5), or the largest number without one.
   */
  private static int declaredClasses(FileSystem fs, Path property) throws IOException {
    if (!fs.exists(property)) {
      return Integer.MAX_VALUE;
    }
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
  public JavaRDD<Entry> entries(JavaSparkContext spark) {
    List<Range> ranges = new ArrayList<>();
    try {
      long length = records.getFileSystem(hadoop).getFileStatus(records).getLen();
      long size = Math.max(1 << 16, Math.min(RANGE_BYTES, length / spark.defaultParallelism()));
      for (long start = 0; start < length || start == 0; start += size) {
        ranges.add(new Range(start, Math.min(length, start + size)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    Broadcast<RecordIndex> keys = spark.broadcast(index);
    String path = records.toString();
    int declared = classes;
    return spark
        .parallelize(ranges, ranges.size())
        .flatMap(
            range ->
                new RangeEntries(
                    path,
                    RecordFile.open(
                        new Path(path), configuration.value(), range.start(), range.end()),
                    keys.value(),
                    declared));
  }

  private static final class RangeEntries implements Iterator<Entry> {
    private final String path;
    private final RecordFile file;
    private final RecordIndex index;
    private final int classes;
    private Entry next;

    RangeEntries(String path, RecordFile file, RecordIndex index, int classes) throws IOException {
      this.path = path;
      this.file = file;
      this.index = index;
      this.classes = classes;
      advance();
    }

    private void advance() throws IOException {
      next = null;
      while (next == null) {
        try {
          ImageRecord record = file.next();
          if (record == null) {
            file.close();
            return;
          }
          if (!record.isMetadata()) {
            next = entry(record);
          }
        } catch (BadRecord e) {
          next = new Entry.Bad(where(e.offset()), e.getMessage());
        }
      }
    }

    private Entry entry(ImageRecord record) throws BadRecord {
      String where = where(record.offset());
      int label = record.classLabel();
      if (label >= classes) {
        return new Entry.Bad(
            where,
            "the label " + label + " is outside the " + classes + " classes of the property file");
      }
      long key = record.offset();
      if (index.size() > 0) {
        if (index.key(record.offset()).isEmpty()) {
          return new Entry.Bad(where, "the .idx does not name this record");
        }
        key = index.key(record.offset()).getAsLong();
      }
      String identity = Integer.toString(label);
      return FaceSource.entry(identity, key, record.image(), identity + "/" + key + ".jpg", where);
    }

    private String where(long offset) {
      return path + " byte " + offset;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Entry next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      Entry current = next;
      try {
        advance();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return current;
    }
  }
}
