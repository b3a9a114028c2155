package io.sparkface.pipeline.prepare;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSetManifest;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

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
    if (existing == Existing.REFUSE && fs.exists(this.output)) {
      throw new UserError(
          "the output exists already", output, "name another --output, or pass --overwrite");
    }
    fs.delete(staging, true);
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
    if (existing == Existing.OVERWRITE) {
      fs.delete(output, true);
    }
    if (!fs.rename(staging, output)) {
      throw new IOException("cannot rename " + staging + " to " + output);
    }
  }

  /** Takes away what was written so far. */
  public void discard() throws IOException {
    fs.delete(staging, true);
  }
}
