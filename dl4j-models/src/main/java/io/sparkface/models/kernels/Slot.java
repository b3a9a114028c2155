package io.sparkface.models.kernels;

import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An argument of primitives: a layout, and the array that lies there at the moment. */
final class Slot {
  private final memory.desc layout;
  private final memory memory;
  private long address;
  private INDArray held;

  private Slot(memory.desc layout) {
    this.layout = layout;
    this.memory = new memory(layout, OneDnnThread.ENGINE, new Pointer());
  }

  /** To be pointed at an array before each run. */
  static Slot open(memory.desc layout) {
    return new Slot(layout);
  }

  /** With memory of its own, zero at first. */
  static Slot filled(memory.desc layout) {
    Slot slot = new Slot(layout);
    long floats = (layout.get_size() + Float.BYTES - 1) / Float.BYTES;
    return slot.holding(OneDnnKernels.aligned(floats));
  }

  /** Points at {@code array} and keeps it alive. */
  Slot holding(INDArray array) {
    held = array;
    return at(array);
  }

  /** Points at {@code array}, which the caller keeps alive. */
  Slot at(INDArray array) {
    long next = DenseFloats.address(array);
    if (next != address) {
      memory.set_data_handle(DenseFloats.pointer(array));
      address = next;
    }
    return this;
  }

  /** Points at the {@code index}-th of {@code count} equal parts of {@code array}. */
  Slot at(INDArray array, int index, int count) {
    long floats = array.length() / count;
    long next = DenseFloats.address(array) + index * floats * Float.BYTES;
    if (next != address) {
      memory.set_data_handle(DenseFloats.pointer(next, floats));
      address = next;
    }
    return this;
  }

  /** Points at what begins {@code skipped} floats into {@code array}. */
  Slot past(INDArray array, long skipped) {
    long next = DenseFloats.address(array) + skipped * Float.BYTES;
    if (next != address) {
      memory.set_data_handle(DenseFloats.pointer(next, array.length() - skipped));
      address = next;
    }
    return this;
  }

  memory.desc layout() {
    return layout;
  }

  memory memory() {
    return memory;
  }

  /** The memory of its own, as one row. */
  INDArray array() {
    return held;
  }
}
