package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.List;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * In pieces that stay in the cores' caches between the two primitives, so that gradient and
 * velocity are each read from and written to memory once; ND4J's operations do it four to five
 * times.
 */
final class OneDnnMomentum implements Momentum {
  private static final long PIECE = 1 << 20;

  private final long length;
  private final INDArray rate = OneDnnKernels.aligned(1);
  private final Piece whole;
  private final Piece last;

  OneDnnMomentum(long length, double momentum) {
    this.length = length;
    whole = length >= PIECE ? new Piece(PIECE, momentum, rate) : null;
    last = length % PIECE > 0 ? new Piece(length % PIECE, momentum, rate) : null;
  }

  @Override
  public void step(INDArray gradient, INDArray velocity, double newRate) {
    if (gradient.length() != length || velocity.length() != length) {
      throw new IllegalArgumentException(
          gradient.length() + " gradients and " + velocity.length() + " velocities for " + length);
    }
    rate.putScalar(0, -newRate);
    for (long from = 0; from < length; from += PIECE) {
      (length - from < PIECE ? last : whole).step(gradient, velocity, from);
    }
  }

  /** How oneDNN computes the pieces. */
  List<String> implementations() {
    return List.of(whole.move.implementation(), whole.negate.implementation());
  }

  /** The primitives for so many weights. */
  private static final class Piece {
    private final Slot gradient;
    private final Slot velocity;
    private final Call move;
    private final Call negate;

    Piece(long length, double momentum, INDArray rate) {
      gradient = Slot.open(Layout.row(length));
      velocity = Slot.open(Layout.row(length));
      Slot factor = Slot.open(Layout.row(1)).holding(rate);
      post_ops addition = new post_ops();
      addition.append_sum((float) momentum, memory.data_type.undef);
      primitive_attr attributes = Call.attributes();
      attributes.set_post_ops(addition);
      var moving =
          new binary.primitive_desc(
              new binary.desc(
                  algorithm.binary_mul, gradient.layout(), factor.layout(), velocity.layout()),
              attributes,
              OneDnnThread.ENGINE);
      move =
          Call.of(
              "momentum",
              moving,
              new binary(moving),
              List.of(
                  arg(DNNL_ARG_SRC_0, gradient),
                  arg(DNNL_ARG_SRC_1, factor),
                  arg(DNNL_ARG_DST, velocity)));
      memory.desc row = gradient.layout();
      var negating =
          new eltwise_forward.primitive_desc(
              new eltwise_forward.desc(
                  prop_kind.forward_inference, algorithm.eltwise_linear, row, -1, 0),
              Call.attributes(),
              OneDnnThread.ENGINE);
      negate =
          Call.of(
              "momentum",
              negating,
              new eltwise_forward(negating),
              List.of(arg(DNNL_ARG_SRC, velocity), arg(DNNL_ARG_DST, gradient)));
    }

    void step(INDArray gradients, INDArray velocities, long from) {
      gradient.past(gradients, from);
      velocity.past(velocities, from);
      move.run();
      negate.run();
    }
  }
}
