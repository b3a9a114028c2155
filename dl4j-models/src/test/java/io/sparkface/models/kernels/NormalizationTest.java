package io.sparkface.models.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's kernels by finite differences in double, oneDNN's against them. */
class NormalizationTest {
  private static final int CHANNELS = 5;

  @ParameterizedTest
  @EnumSource(Activation.class)
  void nd4jGradientsAreFiniteDifferences(Activation activation) {
    Run run = new Run(new Nd4jKernels(), DataType.DOUBLE, activation, 3);
    run.backward();
    check(run, run.x, run.xGradient);
    check(run, run.scaleShift, run.scaleShiftGradient);
    if (activation.parametersPerChannel() > 0) {
      check(run, run.alpha, run.alphaGradient);
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void oneDnnAgreesWithNd4j(Activation activation) {
    for (int batch : new int[] {1, 5, 33}) {
      Run expected = new Run(new Nd4jKernels(), DataType.DOUBLE, activation, batch);
      Run got = new Run(new OneDnnKernels(), DataType.FLOAT, activation, batch);
      expected.backward();
      got.backward();
      close(got.y, expected.y);
      close(got.xGradient, expected.xGradient);
      close(got.scaleShiftGradient, expected.scaleShiftGradient);
      if (activation.parametersPerChannel() > 0) {
        close(got.alphaGradient, expected.alphaGradient);
      }
      INDArray running = Nd4j.ones(DataType.FLOAT, 2, CHANNELS);
      INDArray runningExpected = Nd4j.ones(DataType.DOUBLE, 2, CHANNELS);
      got.normalization.updateRunning(running, 0.9);
      expected.normalization.updateRunning(runningExpected, 0.9);
      close(running, runningExpected);
    }
  }

  @Test
  void gradientMayBeOverwritten() {
    Run apart = new Run(new OneDnnKernels(), DataType.FLOAT, Activation.PRELU, 5);
    Run inPlace = new Run(new OneDnnKernels(), DataType.FLOAT, Activation.PRELU, 5);
    apart.backward();
    inPlace.xGradient = inPlace.gradient;
    inPlace.backward();
    close(inPlace.xGradient, apart.xGradient);
  }

  @Test
  void runningStatisticsTakeTheUnbiasedVariance() {
    var shape = new NormalizationShape(4, 1, 1, 1, 1e-3, Activation.NONE);
    for (Kernels kernels : new Kernels[] {new OneDnnKernels(), new Nd4jKernels()}) {
      Normalization normalization = kernels.normalization(shape);
      INDArray x = Nd4j.createFromArray(1f, 2f, 3f, 6f).reshape(4, 1, 1, 1);
      normalization.forward(
          x, Nd4j.createFromArray(1f, 0f).reshape(2, 1), null, Nd4j.create(x.shape()));
      INDArray running = Nd4j.createFromArray(10f, 20f).reshape(2, 1);
      normalization.updateRunning(running, 0.9);
      // mean 3, biased variance 3.5, unbiased 14/3
      assertThat(running.getDouble(0)).isCloseTo(9.3, within(1e-5));
      assertThat(running.getDouble(1)).isCloseTo(18 + 1.4 / 3, within(1e-5));
    }
  }

  private static void check(Run run, INDArray variable, INDArray gradient) {
    double step = 1e-6;
    for (long i = 0; i < variable.length(); i += Math.max(1, variable.length() / 17)) {
      double value = variable.getDouble(i);
      variable.putScalar(i, value + step);
      double above = run.loss();
      variable.putScalar(i, value - step);
      double below = run.loss();
      variable.putScalar(i, value);
      assertThat(gradient.getDouble(i)).isCloseTo((above - below) / (2 * step), within(1e-5));
    }
  }

  private static void close(INDArray got, INDArray expected) {
    assertThat(got.dup('c').data().asDouble())
        .containsExactly(expected.dup('c').data().asDouble(), within(2e-3));
  }

  /** One normalisation with its arguments; the loss is the sum of y * gradient. */
  private static final class Run {
    final Normalization normalization;
    final INDArray x;
    final INDArray scaleShift;
    final INDArray alpha;
    final INDArray gradient;
    final INDArray y;
    INDArray xGradient;
    final INDArray scaleShiftGradient;
    final INDArray alphaGradient;

    Run(Kernels kernels, DataType type, Activation activation, int batch) {
      var shape = new NormalizationShape(batch, 3, 4, CHANNELS, 1e-3, activation);
      normalization = kernels.normalization(shape);
      Nd4j.getRandom().setSeed(11);
      // one precision for all, so that both kernels see the same numbers
      x = Nd4j.randn(DataType.FLOAT, shape.shape()).muli(3).castTo(type);
      scaleShift = Nd4j.randn(DataType.FLOAT, 2, CHANNELS).addi(1).castTo(type);
      gradient = Nd4j.randn(DataType.FLOAT, shape.shape()).castTo(type);
      int learnt = activation.parametersPerChannel() * CHANNELS;
      alpha = learnt > 0 ? Nd4j.rand(DataType.FLOAT, learnt).castTo(type) : null;
      alphaGradient = learnt > 0 ? Nd4j.create(type, learnt) : null;
      y = Nd4j.create(type, shape.shape());
      xGradient = Nd4j.create(type, shape.shape());
      scaleShiftGradient = Nd4j.create(type, 2, CHANNELS);
    }

    double loss() {
      normalization.forward(x, scaleShift, alpha, y);
      return y.mul(gradient).sumNumber().doubleValue();
    }

    void backward() {
      normalization.forward(x, scaleShift, alpha, y);
      normalization.backward(
          x, scaleShift, alpha, gradient, xGradient, scaleShiftGradient, alphaGradient);
    }
  }
}
