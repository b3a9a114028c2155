package io.sparkface.models.margin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SoftmaxLossTest {
  private static final double[][] LOGITS = {
    {2.8, .4, -.8, 1.2}, {.8, 2, 1.6, -.4}, {-3.8, .2, 0, 2.4}
  };

  /** Golden values of spec, appendix A. */
  @Test
  void marginSoftmaxIsTheOriginals() {
    double[] losses =
        new MarginSoftmax(2, .4, 1).overwrite(Nd4j.createFromArray(LOGITS), SoftLabels.of(0, 2, 0));
    assertThat(losses).containsExactly(new double[] {.440031, 1.90626, 7.989159}, within(2e-6));
  }

  @Test
  void plainIsNormSoftmaxWithoutAScale() {
    double[] losses =
        new SoftmaxLoss.Plain(.1).overwrite(Nd4j.createFromArray(LOGITS), SoftLabels.of(0, 2, 0));
    double[] expected =
        new MarginLoss(new NormSoftmax(4), .1, MarginLoss.NO_FILTER)
            .overwrite(
                Nd4j.createFromArray(LOGITS).divi(4), MarginLoss.Rows.of(0, 2, 0), LossState.EMPTY)
            .losses();
    assertThat(losses).containsExactly(expected, within(1e-9));
  }

  private static Stream<SoftmaxLoss> losses() {
    return Stream.of(
        new SoftmaxLoss.Plain(0),
        new SoftmaxLoss.Plain(.1),
        new MarginSoftmax(2, .4, 1),
        new MarginSoftmax(2, .4, 3),
        new MarginSoftmax(1, .4, 1),
        new MarginSoftmax(1.5, 0, 1));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void gradientsAreThoseOfFiniteDifferences(SoftmaxLoss loss) {
    INDArray gradient = Nd4j.createFromArray(LOGITS);
    loss.overwrite(gradient, mixed());
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        double difference = (at(loss, i, j, 1e-6) - at(loss, i, j, -1e-6)) / 2e-6;
        assertThat(gradient.getDouble(i, j)).isCloseTo(difference, within(1e-7));
      }
    }
  }

  private static double at(SoftmaxLoss loss, int i, int j, double by) {
    INDArray moved = Nd4j.createFromArray(LOGITS);
    moved.putScalar(i, j, moved.getDouble(i, j) + by);
    return DoubleStream.of(loss.overwrite(moved, mixed())).sum();
  }

  private static SoftLabels mixed() {
    return new SoftLabels(new int[] {0, 2, 0}, new int[] {1, 2, 3}, new double[] {.7, 1, 1});
  }

  /** A probability of 1 in single precision: the clipped loss, and no gradient. */
  @Test
  void marginSoftmaxIsFiniteInTheCorners() {
    INDArray logits = Nd4j.createFromArray(new double[][] {{90, -90, 0}, {-90, 90, 0}});
    double[] losses = new MarginSoftmax(2, .4, 1).overwrite(logits, SoftLabels.of(0, 0));
    assertThat(losses[0]).isCloseTo(1e-7, within(1e-9));
    assertThat(losses[1]).isCloseTo(-Math.log(1e-7), within(1e-9));
    assertThat(logits.isNaN().any()).isFalse();
  }

  @Test
  void labelsAreReadFromDl4jsArray() {
    SoftLabels plain = SoftLabels.read(Nd4j.createFromArray(new double[][] {{3}, {0}}), 4);
    assertThat(plain.first()).containsExactly(3, 0);
    assertThat(plain.mixed(0)).isFalse();
    SoftLabels mixed =
        SoftLabels.read(Nd4j.createFromArray(new double[][] {{3, 1, .25}, {0, 2, 0}}), 4);
    assertThat(mixed.mixed(0)).isTrue();
    assertThat(mixed.main(1)).isEqualTo(2);
    assertThat(mixed.mixed(1)).isFalse();
    assertThatThrownBy(() -> SoftLabels.read(Nd4j.createFromArray(new double[][] {{4}}), 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SoftLabels.read(Nd4j.createFromArray(new double[][] {{1.5}}), 4))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
