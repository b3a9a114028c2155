package io.sparkface.pipeline.embed;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** An ONNX network run by ONNX Runtime; NCHW or NHWC by its input's shape. */
final class OnnxEmbedder implements Embedder {
  private static final long MOST_BYTES = 2L << 30;

  private final String model;
  private final Normalisation normalisation;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;
  private final boolean channelsFirst;
  private final long fixedBatch;
  private final int height;
  private final int width;
  private final int embedding;

  private OnnxEmbedder(
      String model, Normalisation normalisation, OrtEnvironment environment, OrtSession session)
      throws OrtException {
    this.model = model;
    this.normalisation = normalisation;
    this.environment = environment;
    this.session = session;
    NodeInfo in = session.getInputInfo().values().iterator().next();
    NodeInfo out = session.getOutputInfo().values().iterator().next();
    if (!(in.getInfo() instanceof TensorInfo tensor)
        || tensor.getShape().length != 4
        || !(out.getInfo() instanceof TensorInfo result)) {
      throw notAFaceNetwork("its input is not a batch of pictures");
    }
    this.input = in.getName();
    long[] shape = tensor.getShape();
    this.channelsFirst = shape[1] == 3;
    if (!channelsFirst && shape[3] != 3) {
      throw notAFaceNetwork("its input " + Arrays.toString(shape) + " has no 3 channels");
    }
    this.fixedBatch = shape[0];
    this.height = side(shape[channelsFirst ? 2 : 1]);
    this.width = side(shape[channelsFirst ? 3 : 2]);
    long[] resultShape = result.getShape();
    this.embedding = (int) resultShape[resultShape.length - 1];
  }

  static OnnxEmbedder open(String model, Normalisation normalisation, Configuration hadoop) {
    Path path = new Path(model);
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      if (path.getFileSystem(hadoop).getFileStatus(path).getLen() > MOST_BYTES) {
        throw new UserError(
            "the model is larger than 2 GiB", model, "use a model without external data");
      }
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      // From bytes, so that a model cannot name other files of this machine as external data.
      return new OnnxEmbedder(
          model,
          normalisation,
          environment,
          environment.createSession(in.readAllBytes(), new OrtSession.SessionOptions()));
    } catch (IOException | OrtException e) {
      throw new UserError(
          "the ONNX model cannot be read: " + e.getMessage(), model, "name a valid .onnx file", e);
    }
  }

  private UserError notAFaceNetwork(String why) {
    return new UserError("not a face network: " + why, model, "name an embedding network");
  }

  /** A free side is taken as 112, the size every published face network has. */
  private static int side(long declared) {
    return declared > 0 ? Math.toIntExact(declared) : 112;
  }

  @Override
  public int width() {
    return embedding;
  }

  @Override
  public float[][] embed(List<RgbImage> pictures) {
    if (fixedBatch > 0 && fixedBatch != pictures.size()) {
      return inPieces(pictures);
    }
    int pixels = 3 * height * width;
    float[] values = new float[pictures.size() * pixels];
    for (int i = 0; i < pictures.size(); i++) {
      RgbImage picture = pictures.get(i);
      if (picture.width() != width || picture.height() != height) {
        picture = picture.resized(width, height);
      }
      if (channelsFirst) {
        normalisation.toNchw(picture, values, i * pixels);
      } else {
        normalisation.toNhwc(picture, values, i * pixels);
      }
    }
    long[] shape =
        channelsFirst
            ? new long[] {pictures.size(), 3, height, width}
            : new long[] {pictures.size(), height, width, 3};
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      FloatBuffer out = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[][] rows = new float[pictures.size()][out.remaining() / pictures.size()];
      for (float[] row : rows) {
        out.get(row);
      }
      return rows;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on " + model, e);
    }
  }

  private float[][] inPieces(List<RgbImage> pictures) {
    int piece = Math.toIntExact(fixedBatch);
    float[][] rows = new float[pictures.size()][];
    for (int from = 0; from < pictures.size(); from += piece) {
      java.util.ArrayList<RgbImage> part =
          new java.util.ArrayList<>(
              pictures.subList(from, Math.min(from + piece, pictures.size())));
      int real = part.size();
      while (part.size() < piece) {
        part.add(part.get(0));
      }
      System.arraycopy(embed(part), 0, rows, from, real);
    }
    return rows;
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close " + model, e);
    }
  }
}
