package io.sparkface.models.kernels;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.sparkface.models.kernels.OneDnnPass.Roles;
import io.sparkface.models.kernels.OneDnnPass.Side;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/** Matrix products. ND4J's go through OpenBLAS, whose own threads fight with OpenMP's. */
final class OneDnnProduct {
  private static final Roles ROLES = new Roles(DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);

  private OneDnnProduct() {}

  /** result = left right. */
  static OneDnnPass pass(String name, memory.desc left, memory.desc right, memory.desc result) {
    return pass(name, left, right, result, Call.attributes());
  }

  /** result = left right + factor result. */
  static OneDnnPass adding(
      String name, memory.desc left, memory.desc right, memory.desc result, float factor) {
    post_ops operations = new post_ops();
    operations.append_sum(factor, memory.data_type.undef);
    primitive_attr attributes = Call.attributes();
    attributes.set_post_ops(operations);
    return pass(name, left, right, result, attributes);
  }

  private static OneDnnPass pass(
      String name,
      memory.desc left,
      memory.desc right,
      memory.desc result,
      primitive_attr attributes) {
    var description =
        new matmul.primitive_desc(
            new matmul.desc(left, right, result), attributes, OneDnnThread.ENGINE);
    return new OneDnnPass(
        name,
        description,
        new matmul(description),
        ROLES,
        Side.argument(left, left),
        Side.argument(right, right),
        Side.result(result, result));
  }
}
