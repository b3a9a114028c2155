package io.sparkface.models.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.heads.FiniteDifferences;
import io.sparkface.models.heads.HeadStep;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden values of spec, appendix A, and finite differences. */
class CentreHeadTest {
  private static final INDArray X =
      Nd4j.createFromArray(new double[][] {{2, 0, 0}, {.8, .6, 0}, {0, 3, 0}, {0, .6, .8}});
  private static final INDArray LABELS = Nd4j.createFromArray(new double[][] {{0}, {0}, {1}, {1}});

  private static CentreHead head(CentreHead.Distance distance) {
    return new CentreHead(3, 2, .5, distance);
  }

  private static double backward(CentreHead head, INDArray centres) {
    return head.computation()
        .backward(
            new HeadStep(X, LABELS, Map.of(CentreHead.CENTRES, centres), Map.of(), X.ulike(), 0));
  }

  @Test
  void lossesAndCentresAreTheOriginals() {
    CentreHead head = head(CentreHead.Distance.EUCLIDEAN);
    INDArray centres = Nd4j.createFromArray(new double[2][3]);
    assertThat(backward(head, centres)).isCloseTo(2 + .5 + 4.5 + .5, within(1e-9));
    assertThat(centres.reshape(-1).toDoubleVector())
        .containsExactly(new double[] {.466667, .1, 0, 0, .6, .133333}, within(1e-6));
    assertThat(backward(head, centres))
        .isCloseTo(1.180555 + .180556 + 2.888889 + .222222, within(2e-6));
    assertThat(centres.reshape(-1).toDoubleVector())
        .containsExactly(new double[] {.777778, .166667, 0, 0, 1, .222222}, within(1e-6));
  }

  @Test
  void cosineKeepsTheUpdate() {
    INDArray centres = Nd4j.createFromArray(new double[][] {{1, 0, 0}, {0, 0, 2}});
    assertThat(backward(head(CentreHead.Distance.COSINE), centres))
        .isCloseTo(0 + .2 + 1 + .2, within(1e-9));
    // c + (e - c) / 6 of both rows
    assertThat(centres.getRow(0).toDoubleVector())
        .containsExactly(new double[] {1 + 1.0 / 6 - .2 / 6, .1, 0}, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource(CentreHead.Distance.class)
  void gradientsAreThoseOfFiniteDifferences(CentreHead.Distance distance) {
    INDArray centres = Nd4j.createFromArray(new double[][] {{1, .5, -.3}, {-.2, .4, 2}});
    new FiniteDifferences(head(distance), X.dup(), LABELS, Map.of(CentreHead.CENTRES, centres))
        .compare();
  }

  /** Centres that have seen no face are zero: no direction, and no gradient, but a finite loss. */
  @Test
  void zeroCentresHaveNoDirection() {
    INDArray centres = Nd4j.createFromArray(new double[2][3]);
    assertThat(backward(head(CentreHead.Distance.COSINE), centres)).isEqualTo(4);
  }
}
