package io.sparkface.models.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.heads.FiniteDifferences;
import io.sparkface.models.heads.HeadStep;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden values of spec, appendix A, and finite differences. */
class TripletHeadTest {
  private static final double[][] EMBEDDINGS = {{2, 0, 0}, {.8, .6, 0}, {0, 3, 0}, {0, .6, .8}};
  private static final double[][] TRIPLE = {{1, 0, 0}, {.8, .6, 0}, {.6, 0, .8}};

  private static double mean(TripletHead head, double[][] embeddings, int... classes) {
    INDArray x = Nd4j.createFromArray(embeddings);
    return head.computation()
            .backward(new HeadStep(x, labels(classes), Map.of(), Map.of(), x.ulike(), 0))
        / classes.length;
  }

  private static INDArray labels(int... classes) {
    return Nd4j.createFromArray(classes)
        .castTo(org.nd4j.linalg.api.buffer.DataType.DOUBLE)
        .reshape(-1, 1);
  }

  private static TripletHead head(TripletLoss loss) {
    return new TripletHead(3, loss, .35, TripletHead.Alpha.FIXED);
  }

  /** The golden values of the rows, as their mean. */
  @ParameterizedTest
  @CsvSource({
    "BATCH_HARD, 0, .15, .35, .11",
    "ARC_BATCH_HARD, 0, .054241, .310695, .070695",
    "BATCH_HARD_EUCLIDEAN, 0, .87, .35, 5.47",
    "BATCH_ALL, .1, .4, .5, .38"
  })
  void lossIsTheOriginals(TripletLoss loss, double a, double b, double c, double d) {
    assertThat(mean(head(loss), EMBEDDINGS, 0, 0, 1, 1))
        .isCloseTo((a + b + c + d) / 4, within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({"OFFLINE, .15", "OFFLINE_ARC, .054241"})
  void ofMinedTripletsToo(TripletLoss loss, double expected) {
    assertThat(mean(head(loss), TRIPLE, 0, 0, 1)).isCloseTo(expected, within(1e-6));
  }

  @ParameterizedTest
  @EnumSource(TripletLoss.class)
  void gradientsAreThoseOfFiniteDifferences(TripletLoss loss) {
    Random random = new Random(4);
    double[][] rows = new double[9][3];
    for (double[] row : rows) {
      for (int j = 0; j < 3; j++) {
        row[j] = random.nextGaussian();
      }
    }
    INDArray labels =
        loss.offline() ? labels(0, 0, 1, 1, 1, 2, 2, 2, 0) : labels(0, 0, 0, 1, 1, 1, 2, 2, 3);
    new FiniteDifferences(head(loss), Nd4j.createFromArray(rows), labels, Map.of()).compare();
  }

  /** An only face is its own hardest: its cosine is 1, where the angle has no derivative. */
  @Test
  void anOnlyFaceOfAnIdentityKeepsTheGradientFinite() {
    INDArray x = Nd4j.createFromArray(new double[][] {{1, 0, 0}, {1, 0, 0}, {-1, 0, 0}});
    INDArray gradient = x.ulike();
    for (TripletLoss loss : TripletLoss.values()) {
      double sum =
          head(loss)
              .computation()
              .backward(new HeadStep(x, labels(0, 1, 2), Map.of(), Map.of(), gradient, 0));
      assertThat(sum).as(loss.name()).isFinite();
      assertThat(gradient.isNaN().any() || gradient.isInfinite().any()).as(loss.name()).isFalse();
    }
    INDArray same = Nd4j.createFromArray(new double[][] {{1, 0, 0}, {2, 0, 0}, {0, 1, 0}});
    new FiniteDifferences(head(TripletLoss.BATCH_HARD), same, labels(0, 1, 2), Map.of()).compare();
  }

  @Test
  void alphaFollowsTheMeanDistanceOfTheBatchBefore() {
    TripletHead head =
        new TripletHead(
            3, TripletLoss.BATCH_HARD_EUCLIDEAN, .1, TripletHead.Alpha.OF_MEAN_DISTANCE);
    INDArray alpha = Nd4j.createFromArray(1.0);
    INDArray x = Nd4j.createFromArray(EMBEDDINGS);
    HeadStep step =
        new HeadStep(
            x, labels(0, 0, 1, 1), Map.of(TripletHead.ALPHA, alpha), Map.of(), x.ulike(), 0);
    double[][] d = {{0, 1.8, 13, 5}, {1.8, 0, 6.4, 1.28}, {13, 6.4, 0, 6.4}, {5, 1.28, 6.4, 0}};
    double mean = Nd4j.createFromArray(d).meanNumber().doubleValue();
    // by hand: max(p + 1 - n, 0)
    assertThat(head.computation().backward(step))
        .isCloseTo(0 + 1.52 + 1 + (6.4 + 1 - 1.28), within(1e-9));
    assertThat(alpha.getDouble(0)).isCloseTo(.1 * mean, within(1e-9));
    double second = .1 * mean;
    assertThat(head.computation().backward(step))
        .isCloseTo(.52 + second + second + 5.12 + second, within(1e-9));
  }
}
