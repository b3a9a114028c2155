package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The activations over {@code [rows, channels]} in ND4J operations. */
final class Nd4jActivations {
  private Nd4jActivations() {}

  static INDArray forward(Activation activation, INDArray x, INDArray alpha) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> Transforms.max(x, 0, true);
      case RELU6 -> Transforms.min(Transforms.max(x, 0, true), 6, false);
      case PRELU ->
          Transforms.max(x, 0, true).addi(Transforms.min(x, 0, true).muliRowVector(alpha));
      case SWISH -> Transforms.sigmoid(x, true).muli(x);
    };
  }

  /** dLoss/dx for {@code gradient} = dLoss/dy. */
  static INDArray backward(Activation activation, INDArray x, INDArray alpha, INDArray gradient) {
    return switch (activation) {
      case NONE -> gradient;
      case RELU -> gradient.mul(positive(x));
      case RELU6 -> gradient.mul(positive(x)).muli(x.lt(6).castTo(x.dataType()));
      case PRELU -> {
        INDArray positive = positive(x);
        yield positive.rsub(1).muliRowVector(alpha).addi(positive).muli(gradient);
      }
      case SWISH -> {
        INDArray sigmoid = Transforms.sigmoid(x, true);
        yield sigmoid.rsub(1).muli(x).addi(1).muli(sigmoid).muli(gradient);
      }
    };
  }

  /** dLoss/dalpha of a PReLU, one value per channel. */
  static INDArray alphaGradient(INDArray x, INDArray gradient) {
    return Transforms.min(x, 0, true).muli(gradient).sum(0);
  }

  private static INDArray positive(INDArray x) {
    return x.gt(0).castTo(x.dataType());
  }
}
