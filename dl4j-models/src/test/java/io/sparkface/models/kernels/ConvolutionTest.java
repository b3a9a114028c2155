package io.sparkface.models.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkface.base.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Both kernels against the definition. */
class ConvolutionTest {
  private final Random random = new Random(5);

  static Stream<ConvolutionShape> shapes() {
    List<ConvolutionShape> shapes = new ArrayList<>();
    for (int batch : new int[] {1, 5, 33}) {
      for (Padding padding : Padding.values()) {
        shapes.add(new ConvolutionShape(batch, 7, 9, 6, 4, 3, 3, 1, 1, padding));
        shapes.add(new ConvolutionShape(batch, 8, 7, 3, 16, 3, 3, 2, 1, padding));
        shapes.add(new ConvolutionShape(batch, 8, 8, 6, 6, 3, 3, 2, 6, padding));
        shapes.add(new ConvolutionShape(batch, 7, 7, 16, 16, 3, 3, 2, 16, padding));
        shapes.add(new ConvolutionShape(batch, 5, 6, 8, 12, 3, 3, 1, 4, padding));
        shapes.add(new ConvolutionShape(batch, 9, 9, 16, 16, 5, 5, 2, 2, padding));
      }
      shapes.add(new ConvolutionShape(batch, 7, 5, 10, 3, 1, 1, 1, 1, Padding.SAME));
      shapes.add(new ConvolutionShape(batch, 7, 8, 10, 18, 1, 1, 2, 1, Padding.VALID));
      shapes.add(new ConvolutionShape(batch, 7, 7, 20, 20, 7, 7, 1, 20, Padding.VALID));
      shapes.add(new ConvolutionShape(batch, 4, 3, 16, 32, 4, 3, 1, 1, Padding.VALID));
      shapes.add(new ConvolutionShape(batch, 1, 1, 16, 32, 1, 1, 1, 1, Padding.VALID));
      // computed as products: wide, and with fewer positions than channels
      shapes.add(new ConvolutionShape(batch, 5, 3, 9, 130, 1, 1, 1, 1, Padding.SAME));
      shapes.add(new ConvolutionShape(batch, 1, 3, 17, 144, 1, 1, 1, 1, Padding.SAME));
    }
    return shapes.stream();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void oneDnnAgreesWithTheDefinition(ConvolutionShape shape) {
    agrees(new OneDnnKernels(), DataType.FLOAT, shape, 1e-4);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void nd4jAgreesWithTheDefinition(ConvolutionShape shape) {
    agrees(new Nd4jKernels(), DataType.DOUBLE, shape, 1e-10);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void halfPrecisionRoundsFactorsToEightBits(ConvolutionShape shape) {
    assumeTrue(Precision.BF16.supported(), "this CPU has no bf16 arithmetic");
    long terms =
        Math.max((long) shape.kernelHeight() * shape.kernelWidth() * shape.in(), shape.positions());
    // each factor is off by 2^-9 at most
    agrees(new OneDnnKernels(), Precision.BF16, DataType.FLOAT, shape, 0.02 * Math.sqrt(terms));
  }

  @Test
  void nd4jRefusesBf16() {
    ConvolutionShape shape = new ConvolutionShape(1, 4, 4, 2, 2, 3, 3, 1, 1, Padding.SAME);
    assertThatThrownBy(() -> new Nd4jKernels().convolution(shape, Precision.BF16))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("BF16");
  }

  @Test
  void paddingFollowsTensorFlowAndPyTorch() {
    assertThat(Padding.SAME.before(112, 3, 2)).isZero();
    assertThat(Padding.SAME.after(112, 3, 2)).isEqualTo(1);
    assertThat(Padding.SAME.before(7, 3, 2)).isEqualTo(1);
    assertThat(Padding.SAME.output(7, 3, 2)).isEqualTo(4);
    assertThat(Padding.TRAILING.output(7, 3, 2)).isEqualTo(3);
    assertThat(Padding.SYMMETRIC.before(112, 3, 2)).isEqualTo(1);
    assertThat(Padding.SYMMETRIC.output(112, 3, 2)).isEqualTo(56);
  }

  private void agrees(Kernels kernels, DataType type, ConvolutionShape shape, double error) {
    agrees(kernels, Precision.FLOAT32, type, shape, error);
  }

  private void agrees(
      Kernels kernels, Precision precision, DataType type, ConvolutionShape shape, double error) {
    double[] x = random(shape.inputShape());
    double[] kernel = random(shape.kernelShape());
    double[] gradient = random(shape.outputShape());
    NaiveConvolution naive = new NaiveConvolution(shape);
    INDArray xs = array(type, x, shape.inputShape());
    INDArray ks = array(type, kernel, shape.kernelShape());
    INDArray gs = array(type, gradient, shape.outputShape());
    Convolution convolution = kernels.convolution(shape, precision);

    INDArray y = Nd4j.create(type, shape.outputShape());
    convolution.forward(xs, ks, y);
    same(y, naive.forward(x, kernel), error);

    INDArray xGradient = Nd4j.create(type, shape.inputShape());
    convolution.backwardData(gs, ks, xGradient);
    same(xGradient, naive.backwardData(gradient, kernel), error);

    INDArray kernelGradient = Nd4j.create(type, shape.kernelShape());
    convolution.backwardKernel(xs, gs, kernelGradient);
    same(kernelGradient, naive.backwardKernel(x, gradient), error * Math.sqrt(shape.batch()));
  }

  private double[] random(long[] shape) {
    return random.doubles(NaiveConvolution.size(shape), -1, 1).toArray();
  }

  private static INDArray array(DataType type, double[] values, long[] shape) {
    return Nd4j.createFromArray(values).castTo(type).reshape('c', shape);
  }

  private static void same(INDArray got, double[] expected, double error) {
    assertThat(got.dup('c').data().asDouble()).containsExactly(expected, within(error));
  }
}
