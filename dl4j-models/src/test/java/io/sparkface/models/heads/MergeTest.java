package io.sparkface.models.heads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MergeTest {
  private static final INDArray BEFORE = matrix(1, 1, 2, 2, 3, 3);
  private static final List<INDArray> AFTER =
      List.of(matrix(1, 1, 4, 2, 3, 5), matrix(1, 1, 6, 0, 3, 3));

  private static INDArray matrix(double... values) {
    return Nd4j.createFromArray(values).reshape(3, 2);
  }

  @Test
  void mean() {
    assertThat(Merge.MEAN.of(BEFORE, AFTER)).isEqualTo(matrix(1, 1, 5, 1, 3, 4));
  }

  @Test
  void sumOfChanges() {
    assertThat(Merge.SUM_OF_CHANGES.of(BEFORE, AFTER)).isEqualTo(matrix(1, 1, 8, 0, 3, 5));
  }

  @Test
  void firstChange() {
    assertThat(Merge.FIRST_CHANGE.of(BEFORE, AFTER)).isEqualTo(matrix(1, 1, 4, 2, 3, 5));
    List<INDArray> turned = List.of(AFTER.get(1), AFTER.get(0));
    assertThat(Merge.FIRST_CHANGE.of(BEFORE, turned)).isEqualTo(matrix(1, 1, 6, 0, 3, 5));
  }

  /** Whatever the rule, workers that did nothing leave the state as it is. */
  @Test
  void nothingDoneIsNothingChanged() {
    for (Merge merge : Merge.values()) {
      assertThat(merge.of(BEFORE, List.of(BEFORE.dup(), BEFORE.dup()))).isEqualTo(BEFORE);
    }
  }
}
