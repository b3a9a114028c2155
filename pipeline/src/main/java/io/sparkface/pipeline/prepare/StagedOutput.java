package io.sparkface.pipeline.prepare;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;

/**
 * An output directory that appears whole: it is filled under a hidden name, then the manifest and
 * the success marker are written, then it is renamed. What a killed job left under the hidden name
 * is cleared by the next start of the same command.
 */
public final class StagedOutput {
  private final Path output;
  private final Path staging;
  private final FileSystem fs;
  private final Existing existing;

  /** What to do with an output that is there already. */
  public enum Existing {
    REFUSE,
    OVERWRITE
  }

  /**
   * @throws UserError when the output exists and is not to be overwritten
   */
  public StagedOutput(String output, Existing existing, Configuration hadoop) throws IOException {
    this.output = new Path(output);
    this.staging = new Path(this.output.getParent(), "." + this.output.getName() + ".staging");
    this.fs = this.output.getFileSystem(hadoop);
    this.existing = existing;
    place().recover();
    requireWritable(output, existing, hadoop);
    fs.delete(staging, true);
  }

  /** Refuses an output that exists and is not to be overwritten. */
  public static void requireWritable(String output, Existing existing, Configuration hadoop)
      throws IOException {
    Path path = new Path(output);
    if (existing == Existing.REFUSE && path.getFileSystem(hadoop).exists(path)) {
      throw new UserError(
          "the output exists already", output, "name another --output, or pass --overwrite");
    }
  }

  /**
   * A file that a task wrote, under a name no other attempt of the task has, and the name it gets
   * once the task has succeeded: so a task that runs twice leaves one file.
   */
  public record Part(String written, String name) implements Serializable {
    /** A part of the task that runs on this thread. */
    public static Part inTask(String directory, String name) {
      long attempt = TaskContext.get().taskAttemptId();
      return new Part(directory + "/" + attempt + "-" + name, name);
    }

    /** Where the task writes it. */
    public Path path() {
      return new Path(written);
    }
  }

  /** Where tasks write their parts. */
  public Path partDirectory() throws IOException {
    Path parts = new Path(staging, ".parts");
    fs.mkdirs(parts);
    return parts;
  }

  /** Takes a part of a task that succeeded into the output. */
  public void accept(Part part) throws IOException {
    Path target = new Path(staging, part.name());
    if (!fs.rename(part.path(), target)) {
      throw new IOException("cannot rename " + part.path() + " to " + target);
    }
  }

  /** Deletes what failed and repeated attempts left. */
  public void dropUnaccepted() throws IOException {
    fs.delete(new Path(staging, ".parts"), true);
  }

  /** Opens a file of the staging directory for writing. */
  public OutputStream create(String name) throws IOException {
    return fs.create(new Path(staging, name));
  }

  /** Where to write the files. */
  public Path staging() {
    return staging;
  }

  /** Writes one small file into the staging directory. */
  public void write(String name, byte[] content) throws IOException {
    try (OutputStream out = fs.create(new Path(staging, name))) {
      out.write(content);
    }
  }

  /** Manifest, success marker, rename: the set is there afterwards. */
  public void commit(FaceSetManifest manifest) throws IOException {
    write(
        FaceSetManifest.FILE,
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
    write(FaceSetManifest.SUCCESS, new byte[0]);
    publish();
  }

  /**
   * Rename alone, for outputs in the layout of other tools, in which neither manifest nor marker
   * has a place.
   */
  public void publish() throws IOException {
    if (existing == Existing.OVERWRITE) {
      place().by(staging);
    } else if (fs.exists(output) || !fs.rename(staging, output)) {
      // Hadoop would move the directory into one that has come to be there meanwhile
      throw new IOException("cannot rename " + staging + " to " + output);
    }
  }

  private Replacement place() {
    return new Replacement(fs, output);
  }

  /** Takes away what was written so far. */
  public void discard() throws IOException {
    fs.delete(staging, true);
  }
}
