package io.sparkface.models.kernels;

import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a thread needs to run primitives: a stream, and scratch memory as large as the most
 * demanding primitive it has run. Primitives run one after the other on a thread, so they share it.
 */
final class OneDnnThread {
  static final engine ENGINE = new engine(engine.kind.cpu, 0);
  private static final ThreadLocal<OneDnnThread> CURRENT =
      ThreadLocal.withInitial(OneDnnThread::new);

  private final stream stream = new stream(ENGINE);
  private final dnnl_stream handle = stream.get();
  private INDArray scratch;
  private INDArray input;
  private INDArray output;

  private OneDnnThread() {}

  static OneDnnThread current() {
    return CURRENT.get();
  }

  dnnl_stream stream() {
    return handle;
  }

  INDArray scratch(long bytes) {
    scratch = atLeast(scratch, bytes);
    return scratch;
  }

  /** Where the input of the primitive to run next may lie in a layout of its own. */
  INDArray input(long bytes) {
    input = atLeast(input, bytes);
    return input;
  }

  /** Where the output of the primitive to run next may lie in a layout of its own. */
  INDArray output(long bytes) {
    output = atLeast(output, bytes);
    return output;
  }

  private static INDArray atLeast(INDArray room, long bytes) {
    long floats = (bytes + Float.BYTES - 1) / Float.BYTES;
    return room == null || room.length() < floats ? OneDnnKernels.aligned(floats) : room;
  }
}
