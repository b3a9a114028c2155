package io.sparkface.models.margin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.heads.FiniteDifferences;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ClassDistillationHeadTest {
  /** Golden value of spec, appendix A. */
  @Test
  void lossIsTheOriginals() {
    INDArray teacher = Nd4j.createFromArray(new double[][] {{1, 2, 2}, {0, 1, 0}}).divi(3);
    INDArray student = Nd4j.createFromArray(new double[][] {{2, 1, 2}, {1, 1, 0}}).divi(3);
    assertThat(ClassDistillationHead.overwrite(student, teacher, 10) / 2)
        .isCloseTo(1.054980, within(1e-6));
  }

  /** With a scale at which some probabilities are held at the least, too. */
  @ParameterizedTest
  @ValueSource(doubles = {10, 40})
  void gradientsAreThoseOfFiniteDifferences(double scale) {
    Random random = new Random(2);
    INDArray x = normal(random, 4, 3);
    new FiniteDifferences(
            new ClassDistillationHead(3, 5, 2, scale),
            x,
            normal(random, 4, 5).muli(.4),
            Map.of(CosineHead.WEIGHTS, normal(random, 3, 10)))
        .compare();
  }

  static INDArray normal(Random random, int rows, int columns) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return Nd4j.createFromArray(values);
  }
}
