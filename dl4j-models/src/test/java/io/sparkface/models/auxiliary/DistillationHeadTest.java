package io.sparkface.models.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.auxiliary.DistillationHead.Distance;
import io.sparkface.models.heads.FiniteDifferences;
import io.sparkface.models.heads.HeadStep;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden values of spec, appendix A, and finite differences. */
class DistillationHeadTest {
  private static final double[][] TEACHER = {{1, 2, 2}, {0, 1, 0}};
  private static final double[][] STUDENT = {{2, 1, 2}, {1, 1, 0}};

  private static double loss(Distance distance, double[][] teacher) {
    INDArray student = Nd4j.createFromArray(STUDENT);
    return new DistillationHead(3, 3, distance)
        .computation()
        .backward(
            new HeadStep(
                student, Nd4j.createFromArray(teacher), Map.of(), Map.of(), student.ulike(), 0));
  }

  @Test
  void lossesAreTheOriginals() {
    assertThat(loss(Distance.COSINE, TEACHER)).isCloseTo(.111117 + .292905, within(2e-6));
    assertThat(loss(Distance.EUCLIDEAN, TEACHER)).isCloseTo(2 + 1, within(1e-9));
  }

  @Test
  void aTeachersNanCountsAsAnUsualValue() {
    double[][] broken = {{Double.NaN, 2, 2}, {0, 1, 0}};
    assertThat(loss(Distance.COSINE, broken)).isCloseTo(.173852 + .292905, within(2e-6));
  }

  @ParameterizedTest
  @EnumSource(Distance.class)
  void gradientsAreThoseOfFiniteDifferences(Distance distance) {
    new FiniteDifferences(
            new DistillationHead(3, 3, distance),
            Nd4j.createFromArray(STUDENT),
            Nd4j.createFromArray(TEACHER),
            Map.of())
        .compare();
  }

  @ParameterizedTest
  @EnumSource(Distance.class)
  void aMapStandsBetweenOtherWidths(Distance distance) {
    DistillationHead head = new DistillationHead(3, 2, distance);
    assertThat(head.parameters()).hasSize(1);
    new FiniteDifferences(
            head,
            Nd4j.createFromArray(STUDENT),
            Nd4j.createFromArray(new double[][] {{.3, -1}, {2, .5}}),
            Map.of("W", Nd4j.createFromArray(new double[][] {{1, .2}, {-.5, .7}, {.4, -.9}})))
        .compare();
  }

  @Test
  void anEmbeddingOfNoLengthHasAFiniteGradient() {
    INDArray student = Nd4j.createFromArray(new double[][] {{0, 0, 0}, {1, 1, 0}});
    INDArray gradient = student.ulike();
    new DistillationHead(3, 3, Distance.COSINE)
        .computation()
        .backward(
            new HeadStep(student, Nd4j.createFromArray(TEACHER), Map.of(), Map.of(), gradient, 0));
    assertThat(gradient.isNaN().any() || gradient.isInfinite().any()).isFalse();
  }
}
