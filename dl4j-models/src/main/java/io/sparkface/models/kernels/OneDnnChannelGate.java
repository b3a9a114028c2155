package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.List;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Image by image: oneDNN multiplies quickly by a number per channel, but not by one per channel and
 * image.
 */
final class OneDnnChannelGate implements ChannelGate {
  private final int batch;
  private final int positions;
  private final Slot image;
  private final Slot factor;
  private final Slot added;
  private final Slot result;
  private final Call multiply;
  private final Call multiplyAdd;
  private final Slot left;
  private final Slot right;
  private final Slot product;
  private final Call elementwise;
  private final OneDnnPooling mean;

  OneDnnChannelGate(int batch, int height, int width, int channels) {
    this.batch = batch;
    this.positions = height * width;
    memory.desc one = Layout.image(1, height, width, channels);
    memory.desc perChannel = Layout.image(1, 1, 1, channels);
    image = Slot.open(one);
    result = Slot.open(one);
    factor = Slot.open(perChannel);
    added = Slot.open(perChannel);
    multiply = Call.binary(algorithm.binary_mul, image, factor, result);
    post_ops addition = new post_ops();
    addition.append_binary(algorithm.binary_add, perChannel);
    primitive_attr attributes = Call.attributes();
    attributes.set_post_ops(addition);
    var description =
        new binary.primitive_desc(
            new binary.desc(algorithm.binary_mul, one, perChannel, one),
            attributes,
            OneDnnThread.ENGINE);
    multiplyAdd =
        Call.of(
            "binary",
            description,
            new binary(description),
            List.of(
                arg(DNNL_ARG_SRC_0, image),
                arg(DNNL_ARG_SRC_1, factor),
                arg(DNNL_ARG_DST, result),
                arg(firstPostOperation(), added)));
    memory.desc all = Layout.row((long) batch * positions * channels);
    left = Slot.open(all);
    right = Slot.open(all);
    product = Slot.open(all);
    elementwise = Call.binary(algorithm.binary_mul, left, right, product);
    mean = OneDnnPooling.overAll(batch, height, width, channels);
  }

  /** The role of the first post-operation's second argument. */
  private static int firstPostOperation() {
    return DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1;
  }

  @Override
  public void forward(INDArray x, INDArray gate, INDArray y) {
    for (int n = 0; n < batch; n++) {
      image.at(x, n, batch);
      factor.at(gate, n, batch);
      result.at(y, n, batch);
      multiply.run();
    }
  }

  @Override
  public void backwardGate(INDArray x, INDArray gradient, INDArray room, INDArray gateGradient) {
    left.at(x);
    right.at(gradient);
    product.at(room);
    elementwise.run();
    mean.forward(room, gateGradient);
    gateGradient.muli(positions);
  }

  @Override
  public void backwardData(INDArray gradient, INDArray gate, INDArray addend, INDArray xGradient) {
    for (int n = 0; n < batch; n++) {
      image.at(gradient, n, batch);
      factor.at(gate, n, batch);
      added.at(addend, n, batch);
      result.at(xGradient, n, batch);
      multiplyAdd.run();
    }
  }
}
