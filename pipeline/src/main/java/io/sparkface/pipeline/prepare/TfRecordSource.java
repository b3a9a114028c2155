package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.interchange.TfRecordPictures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The pictures themselves in TFRecord files (spec 2.3), which a pattern with {@code *} names. An
 * identity is a label's number; a key is the file's place in the order of names times 2³², plus the
 * record's in the file. A file is read by one task.
 */
final class TfRecordSource implements FaceSource {
  private static final String ENDING = ".tfrecord";

  private final List<Part> parts;
  private final long bytes;
  private final Configuration hadoop;

  /**
   * A file.
   *
   * @param place in the order of names
   */
  private record Part(String file, long place) implements java.io.Serializable {}

  private TfRecordSource(List<Part> parts, long bytes, Configuration hadoop) {
    this.parts = parts;
    this.bytes = bytes;
    this.hadoop = hadoop;
  }

  /** Whether an input is such a pattern. */
  static boolean named(String input) {
    return input.contains("*") && input.endsWith(ENDING);
  }

  /**
   * @throws UserError when no file is named so
   */
  static TfRecordSource open(Path pattern, Configuration hadoop) throws IOException {
    FileSystem fs = pattern.getFileSystem(hadoop);
    FileStatus[] found = fs.globStatus(pattern);
    if (found == null || found.length == 0) {
      throw new UserError("no file is named so", pattern.toString(), "check --input");
    }
    List<Part> parts = new ArrayList<>();
    long bytes = 0;
    // in the order of their names, as globStatus gives them
    for (FileStatus file : found) {
      parts.add(new Part(file.getPath().toString(), parts.size()));
      bytes += file.getLen();
    }
    return new TfRecordSource(parts, bytes, hadoop);
  }

  @Override
  public JavaRDD<Entry> entries(JavaSparkContext spark) {
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    return spark
        .parallelize(parts, parts.size())
        .flatMap(part -> new Pictures(part, configuration.value()));
  }

  @Override
  public long bytes() {
    return bytes;
  }

  /** The pictures of a file; a record that holds none is a bad place, a damaged file an error. */
  private static final class Pictures implements Iterator<Entry> {
    private final Part part;
    private final TfRecordPictures pictures;
    private Optional<TfRecordPictures.Picture> next;
    private long read;

    Pictures(Part part, Configuration hadoop) throws IOException {
      this.part = part;
      Path path = new Path(part.file());
      pictures = new TfRecordPictures(path.getFileSystem(hadoop).open(path), part.file());
      next = pictures.next();
    }

    @Override
    public boolean hasNext() {
      return next.isPresent();
    }

    @Override
    public Entry next() {
      TfRecordPictures.Picture picture = next.orElseThrow(NoSuchElementException::new);
      String identity = Integer.toString(picture.label());
      long key = (part.place() << 32) + read;
      Entry entry =
          FaceSource.entry(
              identity,
              key,
              picture.image(),
              identity + "/" + key + ".jpg",
              part.file() + " record " + read,
              Entry.WHOLE);
      try {
        read++;
        next = pictures.next();
        if (next.isEmpty()) {
          pictures.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return entry;
    }
  }
}
