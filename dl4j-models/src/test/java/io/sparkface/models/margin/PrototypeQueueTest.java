package io.sparkface.models.margin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.heads.FiniteDifferences;
import io.sparkface.models.heads.HeadStep;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PrototypeQueueTest {
  private static final INDArray LABELS = Nd4j.createFromArray(new double[][] {{2}, {0}, {2}});

  private static CosineHead head() {
    return new CosineHead(3, 4, 1, new ArcFace(1, .5, 0, 8)).with(new PrototypeQueue(10, 200));
  }

  private static Map<String, INDArray> parameters(double steps) {
    Random random = new Random(6);
    Map<String, INDArray> parameters = new HashMap<>();
    parameters.put(CosineHead.WEIGHTS, ClassDistillationHeadTest.normal(random, 3, 4));
    parameters.put(CosineHead.FEATURES, ClassDistillationHeadTest.normal(random, 4, 3));
    // class 1's is too old at step 320
    parameters.put(
        CosineHead.UPDATED, Nd4j.createFromArray(new double[][] {{300}, {100}, {319}, {120}}));
    parameters.put(CosineHead.STEPS, Nd4j.createFromArray(steps));
    return parameters;
  }

  @Test
  void youngFeaturesAreMixedIn() {
    INDArray weights = Nd4j.createFromArray(new double[][] {{2, 0, 0}, {0, 0, 3}});
    INDArray features = Nd4j.createFromArray(new double[][] {{0, 1}, {1, 0}, {1, 0}});
    INDArray updated = Nd4j.createFromArray(new double[][] {{100}, {99}, {300}});
    PrototypeQueue queue = new PrototypeQueue(50, 200);
    assertThat(queue.mix(weights, features, updated, 300).mixed().reshape(-1).toDoubleVector())
        .containsExactly(new double[] {.85, 0, .15, .15, 0, .85}, within(1e-9));
    assertThat(queue.mix(weights, features, updated, 50).mixed().reshape(-1).toDoubleVector())
        .containsExactly(new double[] {1, 0, 0, 0, 0, 1}, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {5, 319})
  void gradientsAreThoseOfFiniteDifferences(double steps) {
    new FiniteDifferences(
            head(),
            ClassDistillationHeadTest.normal(new Random(8), 3, 3),
            LABELS,
            parameters(steps))
        .compare();
  }

  @Test
  void theNewestEmbeddingOfAClassIsKept() {
    Map<String, INDArray> parameters = parameters(319);
    INDArray before = parameters.get(CosineHead.FEATURES).dup();
    INDArray x = Nd4j.createFromArray(new double[][] {{1, 0, 0}, {0, 2, 0}, {0, 0, 3}});
    head()
        .computation()
        .backward(
            new HeadStep(
                x,
                LABELS,
                parameters,
                Map.of(CosineHead.WEIGHTS, parameters.get(CosineHead.WEIGHTS).ulike()),
                x.ulike(),
                0));
    INDArray after = parameters.get(CosineHead.FEATURES);
    assertThat(after.getRow(2).toDoubleVector())
        .containsExactly(new double[] {0, 0, 1}, within(1e-9));
    assertThat(after.getRow(0).toDoubleVector())
        .containsExactly(new double[] {0, 1, 0}, within(1e-9));
    assertThat(after.getRow(1)).isEqualTo(before.getRow(1));
    assertThat(parameters.get(CosineHead.UPDATED).reshape(-1).toDoubleVector())
        .containsExactly(320, 100, 320, 120);
    assertThat(parameters.get(CosineHead.STEPS).getDouble(0)).isEqualTo(320);
  }
}
