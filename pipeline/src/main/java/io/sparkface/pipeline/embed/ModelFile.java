package io.sparkface.pipeline.embed;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.onnx.OnnxModel;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Reads models of others, whatever their format, as ONNX. */
public final class ModelFile {
  private static final long MOST_BYTES = (2L << 30) - 1024;

  private ModelFile() {}

  /**
   * Reads a network by its path: {@code .onnx}.
   *
   * @throws UserError when the file is missing, damaged, of another kind, or asks for anything
   *     outside itself
   */
  public static OnnxModel read(String model, Configuration hadoop) {
    return OnnxModel.read(bytes(new Path(model), hadoop), model);
  }

  /** Whether the path names a model of others; Sparkface's own are directories. */
  public static boolean isForeign(String model) {
    return model.endsWith(".onnx");
  }

  static byte[] bytes(Path path, Configuration hadoop) {
    try {
      FileSystem fs = path.getFileSystem(hadoop);
      if (!fs.exists(path)) {
        throw new UserError("there is no such model", path.toString(), "check the path");
      }
      if (fs.getFileStatus(path).getLen() > MOST_BYTES) {
        throw new UserError(
            "the model is larger than 2 GiB", path.toString(), "use a model in one smaller file");
      }
      try (InputStream in = fs.open(path)) {
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw new UserError(
          "the model cannot be read: " + e.getMessage(), path.toString(), "check the path", e);
    }
  }
}
