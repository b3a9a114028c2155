package io.sparkface.models.kernels;

import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A primitive of two arguments and a result, and the copies that bring plain float arrays into the
 * layouts and number formats it wants, and its result back. What already fits is not copied.
 */
final class OneDnnPass {
  private final Side left;
  private final Side right;
  private final Side result;
  private final Call call;

  /** Roles ({@code DNNL_ARG_…}) of the arguments and the result of a primitive. */
  record Roles(int left, int right, int result) {}

  /**
   * @param left the array as it comes; {@code wanted} as the primitive wants it
   */
  OneDnnPass(
      String name,
      primitive_desc_base description,
      primitive primitive,
      Roles roles,
      Side left,
      Side right,
      Side result) {
    this.left = left;
    this.right = right;
    this.result = result;
    this.call =
        Call.of(
            name,
            description,
            primitive,
            List.of(
                Call.arg(roles.left(), left.own()),
                Call.arg(roles.right(), right.own()),
                Call.arg(roles.result(), result.own())));
  }

  void run(INDArray a, INDArray b, INDArray c) {
    left.take(a);
    right.take(b);
    result.at(c);
    call.run();
    result.finish();
  }

  String implementation() {
    return call.implementation();
  }

  /** An array in its plain layout and, if that is another one, in the primitive's. */
  static final class Side {
    private final Slot plain;
    private final Slot own;
    private final Call copy;

    private Side(Slot plain, Slot own, Call copy) {
      this.plain = plain;
      this.own = own;
      this.copy = copy;
    }

    static Side argument(memory.desc plain, memory.desc wanted) {
      Slot from = Slot.open(plain);
      if (plain.equals(wanted)) {
        return new Side(from, from, null);
      }
      Slot to = Slot.filled(wanted);
      return new Side(from, to, Call.reorder(from, to));
    }

    static Side result(memory.desc plain, memory.desc given) {
      Slot to = Slot.open(plain);
      if (plain.equals(given)) {
        return new Side(to, to, null);
      }
      Slot from = Slot.filled(given);
      return new Side(to, from, Call.reorder(from, to));
    }

    private Slot own() {
      return own;
    }

    private void take(INDArray array) {
      plain.at(array);
      finish();
    }

    private void at(INDArray array) {
      plain.at(array);
    }

    private void finish() {
      if (copy != null) {
        copy.run();
      }
    }
  }
}
