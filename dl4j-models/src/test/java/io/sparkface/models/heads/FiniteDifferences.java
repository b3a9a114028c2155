package io.sparkface.models.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A head's gradients against differences of its loss, in double. */
public final class FiniteDifferences {
  private final Head head;
  private final INDArray input;
  private final INDArray labels;
  private final Map<String, INDArray> parameters;
  private final Map<String, INDArray> gradients = new LinkedHashMap<>();
  private final INDArray inputGradient;

  /**
   * @param parameters of the head; state among them is as it was before each pass
   */
  public FiniteDifferences(
      Head head, INDArray input, INDArray labels, Map<String, INDArray> parameters) {
    this.head = head;
    this.input = input;
    this.labels = labels;
    this.parameters = parameters;
    this.inputGradient = Nd4j.valueArrayOf(input.shape(), 77.0, DataType.DOUBLE);
    for (HeadParameter parameter : head.parameters()) {
      if (parameter.merge().isEmpty()) {
        gradients.put(
            parameter.name(), Nd4j.valueArrayOf(parameter.shape(), 77.0, DataType.DOUBLE));
      }
    }
  }

  /**
   * With parameters as a head begins with them, but those with two axes from {@code matrices}.
   *
   * @param matrices array in double of a shape
   */
  public static FiniteDifferences ofFirstValues(
      Head head, INDArray input, INDArray labels, Function<long[], INDArray> matrices) {
    Map<String, INDArray> parameters = new LinkedHashMap<>();
    for (HeadParameter parameter : head.parameters()) {
      parameters.put(parameter.name(), Nd4j.zeros(DataType.DOUBLE, parameter.shape()));
    }
    head.initialise(parameters);
    parameters.replaceAll(
        (name, first) -> first.rank() == 2 ? matrices.apply(first.shape()) : first);
    return new FiniteDifferences(head, input, labels, parameters);
  }

  private double loss() {
    Map<String, INDArray> given = new LinkedHashMap<>(parameters);
    head.state().keySet().forEach(name -> given.put(name, parameters.get(name).dup()));
    return head.computation()
        .backward(new HeadStep(input, labels, given, gradients, inputGradient, 7));
  }

  /** Compares the gradient of the input and of every trained array. */
  public void compare() {
    loss();
    compare("input", input, inputGradient.dup());
    Map<String, INDArray> found = new LinkedHashMap<>();
    gradients.forEach((name, gradient) -> found.put(name, gradient.dup()));
    found.forEach((name, gradient) -> compare(name, parameters.get(name), gradient));
  }

  private void compare(String name, INDArray moved, INDArray gradient) {
    for (int i = 0; i < moved.size(0); i++) {
      for (int j = 0; j < moved.size(1); j++) {
        double at = moved.getDouble(i, j);
        double step = Math.abs(at) < 1e-2 ? 1e-8 : 1e-6;
        moved.putScalar(i, j, at + step);
        double above = loss();
        moved.putScalar(i, j, at - step);
        double below = loss();
        moved.putScalar(i, j, at);
        double difference = (above - below) / (2 * step);
        assertThat(gradient.getDouble(i, j))
            .as("%s: row %d, column %d", name, i, j)
            .isCloseTo(difference, within(1e-5 * Math.max(1, Math.abs(difference))));
      }
    }
  }
}
