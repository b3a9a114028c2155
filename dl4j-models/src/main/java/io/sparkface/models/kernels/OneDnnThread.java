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

  private OneDnnThread() {}

  static OneDnnThread current() {
    return CURRENT.get();
  }

  dnnl_stream stream() {
    return handle;
  }

  INDArray scratch(long bytes) {
    long floats = (bytes + Float.BYTES - 1) / Float.BYTES;
    if (scratch == null || scratch.length() < floats) {
      scratch = OneDnnKernels.aligned(floats);
    }
    return scratch;
  }
}
