package io.sparkface.models.kernels;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;

/**
 * A compiled primitive with its arguments. Goes through oneDNN's C entry with an argument array
 * built once: the C++ one builds a map at each call.
 */
final class Call {
  private final String name;
  private final String implementation;
  private final primitive primitive;
  private final dnnl_primitive handle;
  private final List<Slot> slots = new ArrayList<>();
  private final dnnl_exec_arg_t arguments;
  private final int count;
  private final Slot scratchpad;
  private final long scratchBytes;

  private Call(
      String name, primitive_desc_base description, primitive primitive, List<Argument> given) {
    this.name = name;
    this.implementation = description.impl_info_str().getString();
    this.primitive = primitive;
    this.handle = primitive.get();
    this.scratchBytes = description.scratchpad_desc().get_size();
    this.scratchpad = scratchBytes > 0 ? Slot.open(description.scratchpad_desc()) : null;
    List<Argument> all = new ArrayList<>(given);
    if (scratchpad != null) {
      all.add(new Argument(DNNL_ARG_SCRATCHPAD, scratchpad));
    }
    this.count = all.size();
    this.arguments = new dnnl_exec_arg_t(count);
    for (int i = 0; i < count; i++) {
      slots.add(all.get(i).slot());
      arguments.position(i).arg(all.get(i).role()).memory(all.get(i).slot().memory().get());
    }
    arguments.position(0);
  }

  /** A slot and the role (a {@code DNNL_ARG_…}) it plays. */
  record Argument(int role, Slot slot) {}

  static Argument arg(int role, Slot slot) {
    return new Argument(role, slot);
  }

  static Call of(
      String name, primitive_desc_base description, primitive primitive, List<Argument> arguments) {
    return new Call(name, description, primitive, arguments);
  }

  /** Copies between layouts. */
  static Call reorder(Slot from, Slot to) {
    return reorder(from, to, attributes());
  }

  /** Copies between layouts and does what the attributes say. */
  static Call reorder(Slot from, Slot to, primitive_attr attributes) {
    var description =
        new reorder.primitive_desc(
            OneDnnThread.ENGINE,
            from.layout(),
            OneDnnThread.ENGINE,
            to.layout(),
            attributes,
            false);
    return of(
        "reorder",
        description,
        new reorder(description),
        List.of(arg(DNNL_ARG_FROM, from), arg(DNNL_ARG_TO, to)));
  }

  /** left (operation) right. */
  static Call binary(algorithm operation, Slot left, Slot right, Slot result) {
    var description =
        new binary.primitive_desc(
            new binary.desc(operation, left.layout(), right.layout(), result.layout()),
            attributes(),
            OneDnnThread.ENGINE);
    return of(
        "binary",
        description,
        new binary(description),
        List.of(arg(DNNL_ARG_SRC_0, left), arg(DNNL_ARG_SRC_1, right), arg(DNNL_ARG_DST, result)));
  }

  /** Scratch memory comes from the running thread, not from the library. */
  static primitive_attr attributes() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(scratchpad_mode.user);
    return attributes;
  }

  void run() {
    OneDnnThread thread = OneDnnThread.current();
    if (scratchpad != null) {
      scratchpad.at(thread.scratch(scratchBytes));
    }
    long started = KernelProfile.start();
    int status = dnnl_primitive_execute(handle, thread.stream(), count, arguments);
    KernelProfile.stop(name, started);
    if (status != 0) {
      throw new IllegalStateException("oneDNN status " + status + " from " + this);
    }
  }

  String implementation() {
    return implementation;
  }

  @Override
  public String toString() {
    return name + " (" + implementation + ", " + slots.size() + " arguments, " + primitive + ")";
  }
}
