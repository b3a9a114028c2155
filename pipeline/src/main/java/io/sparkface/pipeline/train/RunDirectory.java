package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The files of a run. */
final class RunDirectory {
  private static final String PREFIX = "step-";

  private final Path root;
  private final FileSystem fs;

  RunDirectory(Path root, Configuration hadoop) {
    this.root = root;
    try {
      this.fs = root.getFileSystem(hadoop);
    } catch (IOException e) {
      throw new UserError(
          "the output cannot be reached: " + e.getMessage(), root.toString(), "check --output", e);
    }
  }

  String model() {
    return new Path(root, "model").toString();
  }

  String best() {
    return new Path(root, "best").toString();
  }

  /** Where the results of evaluations of one kind are kept, such as the last ones. */
  String evaluations(String kind) {
    return new Path(root, "evaluations/" + kind).toString();
  }

  Path history() {
    return new Path(root, "history.json");
  }

  Path mined() {
    return new Path(root, "mined");
  }

  Path logs() {
    return new Path(root, "logs");
  }

  String checkpoint(long step) {
    return new Path(checkpoints(), String.format(Locale.ROOT, PREFIX + "%010d", step)).toString();
  }

  private Path checkpoints() {
    return new Path(root, "checkpoints");
  }

  Path root() {
    return root;
  }

  boolean has(String path) throws IOException {
    return fs.exists(new Path(path));
  }

  /** The complete checkpoint of the most steps; temporary names begin with a dot. */
  Optional<String> newestCheckpoint() throws IOException {
    List<String> found = complete();
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(found.size() - 1));
  }

  void keepNewest(int kept) throws IOException {
    List<String> found = complete();
    for (String old : found.subList(0, Math.max(0, found.size() - kept))) {
      fs.delete(new Path(old), true);
    }
  }

  private List<String> complete() throws IOException {
    List<String> found = new ArrayList<>();
    if (fs.exists(checkpoints())) {
      for (FileStatus status : fs.listStatus(checkpoints())) {
        if (status.getPath().getName().startsWith(PREFIX)) {
          found.add(status.getPath().toString());
        }
      }
    }
    found.sort(null);
    return found;
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
