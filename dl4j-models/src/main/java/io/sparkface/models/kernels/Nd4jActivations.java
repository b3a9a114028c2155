package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The activations over {@code [rows, channels]} in ND4J operations; learnt values are {@code
 * [parametersPerChannel, channels]}.
 */
final class Nd4jActivations {
  private Nd4jActivations() {}

  static INDArray forward(Activation activation, INDArray x, INDArray learnt) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> Transforms.max(x, 0, true);
      case RELU6 -> Transforms.min(Transforms.max(x, 0, true), 6, false);
      case LEAKY_RELU ->
          Transforms.max(x, 0, true).addi(Transforms.min(x, 0, true).muli(Activation.LEAK));
      case PRELU ->
          Transforms.max(x, 0, true).addi(Transforms.min(x, 0, true).muliRowVector(row(learnt, 0)));
      case SWISH -> Transforms.sigmoid(x, true).muli(x);
      case HARD_SWISH -> hardSigmoid(x).muli(x);
      case ACON_C -> {
        INDArray gate = Transforms.sigmoid(x.mulRowVector(row(learnt, 2)), false);
        yield gate.muliRowVector(row(learnt, 0)).addiRowVector(row(learnt, 1)).muli(x);
      }
    };
  }

  /** dLoss/dx for {@code gradient} = dLoss/dy. */
  static INDArray backward(Activation activation, INDArray x, INDArray learnt, INDArray gradient) {
    return switch (activation) {
      case NONE -> gradient;
      case RELU -> gradient.mul(positive(x));
      case RELU6 -> gradient.mul(positive(x)).muli(x.lt(6).castTo(x.dataType()));
      case LEAKY_RELU -> positive(x).muli(1 - Activation.LEAK).addi(Activation.LEAK).muli(gradient);
      case PRELU -> {
        INDArray positive = positive(x);
        yield positive.rsub(1).muliRowVector(row(learnt, 0)).addi(positive).muli(gradient);
      }
      case SWISH -> {
        INDArray sigmoid = Transforms.sigmoid(x, true);
        yield sigmoid.rsub(1).muli(x).addi(1).muli(sigmoid).muli(gradient);
      }
      case HARD_SWISH -> {
        INDArray inside = x.gt(-3).castTo(x.dataType()).muli(x.lt(3).castTo(x.dataType()));
        yield inside.muli(x).divi(6).addi(hardSigmoid(x)).muli(gradient);
      }
      case ACON_C -> {
        INDArray gate = Transforms.sigmoid(x.mulRowVector(row(learnt, 2)), false);
        INDArray slope = gate.rsub(1).muli(x).muliRowVector(row(learnt, 2)).addi(1).muli(gate);
        yield slope.muliRowVector(row(learnt, 0)).addiRowVector(row(learnt, 1)).muli(gradient);
      }
    };
  }

  /** dLoss/dlearnt, {@code [parametersPerChannel, channels]}. */
  static INDArray learntGradient(
      Activation activation, INDArray x, INDArray learnt, INDArray gradient) {
    if (activation == Activation.ACON_C) {
      INDArray gate = Transforms.sigmoid(x.mulRowVector(row(learnt, 2)), false);
      INDArray straight = x.mul(gradient);
      INDArray first = straight.mul(gate).sum(0);
      INDArray beta = gate.rsub(1).muli(gate).muli(x).muli(straight).sum(0);
      beta.muli(row(learnt, 0).reshape(beta.shape()));
      return Nd4j.vstack(first.reshape(1, -1), straight.sum(0).reshape(1, -1), beta.reshape(1, -1));
    }
    return Transforms.min(x, 0, true).muli(gradient).sum(0).reshape(1, -1);
  }

  private static INDArray hardSigmoid(INDArray x) {
    return Transforms.min(Transforms.max(x.add(3), 0, false), 6, false).divi(6);
  }

  private static INDArray row(INDArray learnt, int kind) {
    return learnt.getRow(kind, true);
  }

  private static INDArray positive(INDArray x) {
    return x.gt(0).castTo(x.dataType());
  }
}
