package io.sparkface.models.interop.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sparkface.base.UserError;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model with one float input, run by ONNX Runtime on the CPU. */
public final class OnnxNetwork implements AutoCloseable {
  /** As many threads as the machine has cores. */
  public static final int ALL_CORES = 0;

  private final String where;
  private final OrtSession session;
  private final String input;
  private final long[] inputShape;

  private OnnxNetwork(String where, OrtSession session) throws OrtException {
    this.where = where;
    this.session = session;
    if (session.getInputInfo().size() != 1
        || !(session.getInputInfo().values().iterator().next().getInfo()
            instanceof TensorInfo tensor)) {
      throw new UserError(
          "the model has the inputs " + session.getInputNames() + " and should have one",
          where,
          "name an embedding network");
    }
    this.input = session.getInputNames().iterator().next();
    this.inputShape = tensor.getShape();
  }

  /** Numbers and how they lie, row by row. */
  public record Values(long[] shape, float[] values) {
    /** Values per row of the first axis. */
    public int width() {
      return shape[0] == 0 ? 0 : Math.toIntExact(values.length / shape[0]);
    }

    /** The values cut along the first axis. */
    public float[][] rows() {
      float[][] rows = new float[Math.toIntExact(shape[0])][width()];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(values, i * rows[i].length, rows[i], 0, rows[i].length);
      }
      return rows;
    }
  }

  /**
   * @param where named in errors
   * @param threads that compute one operator, or {@link #ALL_CORES}
   */
  public static OnnxNetwork open(OnnxModel model, String where, int threads) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      return new OnnxNetwork(
          where, OrtEnvironment.getEnvironment().createSession(model.bytes(), options));
    } catch (OrtException e) {
      throw new UserError(
          "ONNX Runtime refuses the model: " + e.getMessage(), where, "name a valid model", e);
    }
  }

  /** The input's shape; an open size is -1. */
  public long[] inputShape() {
    return inputShape.clone();
  }

  /** The declared shape of the first output; an open size is -1. */
  public long[] outputShape() {
    try {
      return ((TensorInfo) session.getOutputInfo().values().iterator().next().getInfo()).getShape();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on " + where, e);
    }
  }

  /** The declared shapes of all outputs, in the model's order; an open size is -1. */
  public Map<String, long[]> outputShapes() {
    try {
      Map<String, long[]> shapes = new LinkedHashMap<>();
      for (NodeInfo output : session.getOutputInfo().values()) {
        shapes.put(
            output.getName(),
            output.getInfo() instanceof TensorInfo tensor ? tensor.getShape() : new long[0]);
      }
      return shapes;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on " + where, e);
    }
  }

  /** The first output. */
  public Values first(Values batch) {
    return all(batch).values().iterator().next();
  }

  /**
   * Every output by name, in the model's order.
   *
   * @throws UserError when the model cannot take such a batch
   */
  public Map<String, Values> all(Values batch) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(batch.values()), batch.shape());
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      Map<String, Values> found = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> entry : result) {
        OnnxTensor value = (OnnxTensor) entry.getValue();
        FloatBuffer buffer = value.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        found.put(entry.getKey(), new Values(value.getInfo().getShape(), values));
      }
      return found;
    } catch (OrtException e) {
      throw new UserError(
          "ONNX Runtime cannot run the model on "
              + Arrays.toString(batch.shape())
              + ": "
              + e.getMessage(),
          where,
          "name a network that takes such pictures",
          e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close " + where, e);
    }
  }
}
