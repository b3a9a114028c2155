package io.sparkface.pipeline.align;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Parts that are done, kept beside the output until it is whole: {@code part-N.parquet} with the
 * faces, {@code part-N.json} with the report, written last. {@code work.json} says which command
 * they belong to.
 */
final class PartStore {
  private static final String WORK = "work.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final FileSystem fs;

  private PartStore(Path directory, FileSystem fs) {
    this.directory = directory;
    this.fs = fs;
  }

  /** The store of an output, on any machine. */
  static PartStore at(String directory, Configuration hadoop) throws IOException {
    Path path = new Path(directory);
    return new PartStore(path, path.getFileSystem(hadoop));
  }

  /**
   * Opens the store of {@code output}, or begins it.
   *
   * @param work what the parts depend on: input and settings
   * @throws UserError when it holds parts of another work
   */
  static PartStore begin(String output, String work, Configuration hadoop) throws IOException {
    Path target = new Path(output);
    PartStore store =
        at(new Path(target.getParent(), "." + target.getName() + ".parts").toString(), hadoop);
    Path file = new Path(store.directory, WORK);
    if (store.fs.exists(file)) {
      String found = new String(store.read(file), StandardCharsets.UTF_8);
      if (!found.equals(work)) {
        throw new UserError(
            "an unfinished run with another input or other options left its parts",
            store.directory.toString(),
            "repeat that command to finish it, or delete the directory");
      }
    } else {
      store.fs.delete(store.directory, true);
      store.fs.mkdirs(store.directory);
      store.write(file, work.getBytes(StandardCharsets.UTF_8));
    }
    return store;
  }

  @Override
  public String toString() {
    return directory.toString();
  }

  /** Where a part's faces are. */
  Path faces(int number) {
    return new Path(directory, name(number) + ".parquet");
  }

  /** The report of a part that is done. */
  Optional<PartReport> report(int number) throws IOException {
    Path file = new Path(directory, name(number) + ".json");
    return fs.exists(file)
        ? Optional.of(JSON.readValue(read(file), PartReport.class))
        : Optional.empty();
  }

  /** A name for faces that are being written, which no other attempt has. */
  Path temporary(int number, long attempt) {
    return new Path(directory, "." + name(number) + "." + attempt + ".tmp");
  }

  /** Takes a part that is whole; of two attempts the first one stays. */
  void accept(int number, Path temporary, PartReport report) throws IOException {
    if (report(number).isPresent()) {
      fs.delete(temporary, false);
      return;
    }
    fs.delete(faces(number), false);
    if (!fs.rename(temporary, faces(number))) {
      throw new IOException("cannot rename " + temporary + " to " + faces(number));
    }
    write(new Path(directory, name(number) + ".json"), JSON.writeValueAsBytes(report));
  }

  /** Takes the store away. */
  void delete() throws IOException {
    fs.delete(directory, true);
  }

  private static String name(int number) {
    return String.format(Locale.ROOT, "part-%06d", number);
  }

  private byte[] read(Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return in.readAllBytes();
    }
  }

  private void write(Path file, byte[] content) throws IOException {
    new Replacement(fs, file).write(out -> out.write(content));
  }
}
