package io.sparkface.models.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Both kernels against the formula in double. */
class MomentumTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 7, 1 << 20, (1 << 20) + 5})
  void followsTheFormula(long length) {
    for (Kernels kernels : new Kernels[] {new OneDnnKernels(), new Nd4jKernels()}) {
      Momentum momentum = kernels.momentum(length, 0.9);
      // views, as the updater's are
      INDArray velocity =
          Nd4j.zeros(DataType.FLOAT, length + 3).get(NDArrayIndex.interval(3, length + 3));
      double[] expected = new double[(int) length];
      for (double rate : new double[] {0.1, 0.1, 0.025}) {
        INDArray gradient = Nd4j.randn(DataType.FLOAT, length);
        double[] given = gradient.toDoubleVector();
        momentum.step(gradient, velocity, rate);
        for (int i = 0; i < length; i++) {
          expected[i] = 0.9 * expected[i] - rate * given[i];
        }
        INDArray wanted = Nd4j.createFromArray(expected);
        assertThat(largest(velocity.castTo(DataType.DOUBLE).sub(wanted))).isLessThan(1e-6);
        assertThat(largest(gradient.castTo(DataType.DOUBLE).add(wanted))).isLessThan(1e-6);
      }
    }
  }

  private static double largest(INDArray values) {
    return values.amaxNumber().doubleValue();
  }

  @Test
  void oneDnnDoesNotUseItsSlowReferenceCode() {
    assertThat(new OneDnnMomentum(1 << 20, 0.9).implementations())
        .allMatch(name -> name.startsWith("jit"));
  }
}
