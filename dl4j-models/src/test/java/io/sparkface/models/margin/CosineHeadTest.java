package io.sparkface.models.margin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden values of spec, appendix A. */
class CosineHeadTest {
  private static final INDArray COSINES =
      Nd4j.createFromArray(
          new double[][] {{.7, .1, -.2, .3}, {.2, .5, .4, -.1}, {-.95, .05, 0, .6}});
  private static final int[] TARGETS = {0, 2, 0};
  private static final INDArray LABELS = Nd4j.createFromArray(new double[] {0, 2, 0}).reshape(3, 1);

  private static Stream<Arguments> golden() {
    return Stream.of(
        Arguments.of(
            new ArcFace(1, .5, 0, 64), 47.689224, new double[] {-24.65697, -23.18552, -12.39549}),
        Arguments.of(
            new ArcFace(1, .5, 0, 16), 12.085159, new double[] {-4.45553, -5.79591, -3.09887}),
        Arguments.of(
            new ArcFace(1, .3, .2, 16), 13.113414, new double[] {-4.46204, -5.78253, -0.29992}),
        Arguments.of(
            new ArcFace(1.35, 0, 0, 16), 12.347852, new double[] {-0.51356, -7.85285, -14.33435}),
        Arguments.of(
            new ArcFace(1, 0, 0, 16), 8.864243, new double[] {-0.00921, -4.44357, -5.33333}),
        Arguments.of(new CosFace(.35, 16), 12.664329, new double[] {-1.69977, -5.32939, -5.33333}));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void lossAndTargetGradientsAreTheOriginals(Margin margin, double mean, double[] gradients) {
    SameDiff graph = graph(margin, COSINES);
    assertThat(graph.outputSingle(null, "loss").getDouble(0) / 3).isCloseTo(mean, within(1e-5));
    INDArray gradient = graph.calculateGradients(null, "z").get("z");
    for (int i = 0; i < 3; i++) {
      assertThat(gradient.getDouble(i, TARGETS[i]) / 3).isCloseTo(gradients[i], within(1e-4));
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void gradientsAreFiniteAtTheCorners(Margin margin, double mean, double[] gradients) {
    INDArray corners =
        Nd4j.createFromArray(new double[][] {{1, -1, 0, .5}, {.3, 1, -1, 1}, {-1, 1, -1, -1}});
    SameDiff graph = graph(margin, corners);
    assertThat(graph.outputSingle(null, "loss").getDouble(0)).isFinite();
    double[] values = graph.calculateGradients(null, "z").get("z").data().asDouble();
    for (double value : values) {
      assertThat(value).isFinite();
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void gradientsAreThoseOfFiniteDifferences(Margin margin, double mean, double[] gradients) {
    INDArray gradient = graph(margin, COSINES).calculateGradients(null, "z").get("z");
    double step = 1e-6;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        double difference =
            (shifted(margin, i, j, step) - shifted(margin, i, j, -step)) / (2 * step);
        assertThat(gradient.getDouble(i, j)).isCloseTo(difference, within(1e-4));
      }
    }
  }

  private static double shifted(Margin margin, int i, int j, double by) {
    INDArray moved = COSINES.dup();
    moved.putScalar(i, j, moved.getDouble(i, j) + by);
    return graph(margin, moved).outputSingle(null, "loss").getDouble(0);
  }

  private static SameDiff graph(Margin margin, INDArray cosines) {
    SameDiff graph = SameDiff.create();
    SDVariable z = graph.var("z", cosines.castTo(DataType.DOUBLE).dup());
    SDVariable loss =
        new CosineHead(4, 4, 1, margin)
            .loss(
                graph,
                z,
                graph.constant("norms", Nd4j.ones(DataType.DOUBLE, 3, 1)),
                graph.constant("labels", LABELS));
    loss.rename("loss");
    graph.setLossVariables("loss");
    return graph;
  }

  /** The loss needs no larger intermediate than [N, C]; the same arrays with K = 1 and 3 differ. */
  @Test
  void theNearestOfTheSubCentresCounts() {
    INDArray embedding = Nd4j.createFromArray(new double[][] {{1, 0}});
    // class 0: (0,1) and (1,0); class 1: (-1,0) and (0,-1)
    INDArray weights = Nd4j.createFromArray(new double[][] {{0, 1, -1, 0}, {1, 0, 0, -1}});
    SameDiff graph = SameDiff.create();
    SDVariable input = graph.constant("x", embedding);
    SDVariable w = graph.constant("w", weights);
    new CosineHead(2, 2, 2, new CosFace(0, 1))
        .defineLayer(
            graph,
            input,
            graph.constant("labels", Nd4j.zeros(DataType.DOUBLE, 1, 1)),
            java.util.Map.of("W", w));
    INDArray cosines = graph.outputSingle(null, "cosines");
    assertThat(cosines.getDouble(0, 0)).isCloseTo(1, within(1e-9));
    assertThat(cosines.getDouble(0, 1)).isCloseTo(0, within(1e-9));
  }
}
