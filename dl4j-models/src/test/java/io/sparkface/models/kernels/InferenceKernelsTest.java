package io.sparkface.models.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Folded convolution, sum and mean: oneDNN in float against ND4J in double. */
class InferenceKernelsTest {
  private static final ConvolutionShape[] SHAPES = {
    new ConvolutionShape(1, 9, 7, 3, 16, 3, 3, 2, 1, Padding.SAME),
    new ConvolutionShape(5, 8, 8, 24, 24, 3, 3, 2, 24, Padding.TRAILING),
    new ConvolutionShape(5, 7, 7, 32, 32, 7, 7, 1, 32, Padding.VALID),
    new ConvolutionShape(5, 6, 6, 16, 16, 1, 1, 1, 16, Padding.VALID),
    new ConvolutionShape(33, 5, 5, 8, 12, 3, 3, 1, 4, Padding.SYMMETRIC),
    new ConvolutionShape(5, 4, 4, 16, 10, 1, 1, 1, 1, Padding.SAME),
    new ConvolutionShape(5, 4, 4, 16, 32, 4, 4, 1, 1, Padding.VALID),
    // large enough for Winograd's algorithm
    new ConvolutionShape(3, 15, 14, 64, 80, 3, 3, 1, 1, Padding.SYMMETRIC)
  };

  @ParameterizedTest
  @EnumSource(Activation.class)
  void foldedConvolutionsAgree(Activation activation) {
    for (ConvolutionShape shape : SHAPES) {
      Nd4j.getRandom().setSeed(9);
      INDArray x = Nd4j.randn(DataType.FLOAT, shape.inputShape());
      INDArray kernel = Nd4j.randn(DataType.FLOAT, shape.kernelShape());
      INDArray scale = Nd4j.rand(DataType.FLOAT, shape.out());
      INDArray shift = Nd4j.randn(DataType.FLOAT, shape.out());
      INDArray alpha =
          activation.parametersPerChannel() > 0
              ? Nd4j.rand(DataType.FLOAT, (long) activation.parametersPerChannel() * shape.out())
              : null;
      FoldedConvolution fast =
          new OneDnnKernels().foldedConvolution(shape, activation, Precision.FLOAT32);
      fast.prepare(kernel, scale, shift, alpha);
      INDArray got = Nd4j.create(DataType.FLOAT, shape.outputShape());
      fast.forward(x, got);

      FoldedConvolution portable =
          new Nd4jKernels().foldedConvolution(shape, activation, Precision.FLOAT32);
      portable.prepare(wide(kernel), wide(scale), wide(shift), alpha == null ? null : wide(alpha));
      INDArray expected = Nd4j.create(DataType.DOUBLE, shape.outputShape());
      portable.forward(wide(x), expected);

      assertThat(got.data().asDouble()).containsExactly(expected.data().asDouble(), within(1e-3));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "RELU", "RELU6", "SWISH", "HARD_SWISH"})
  void convolutionsCanAddToTheirOutput(Activation activation) {
    for (ConvolutionShape shape : SHAPES) {
      INDArray x = Nd4j.randn(DataType.FLOAT, shape.inputShape());
      INDArray kernel = Nd4j.randn(DataType.FLOAT, shape.kernelShape()).muli(0.1);
      INDArray scale = Nd4j.rand(DataType.FLOAT, shape.out());
      INDArray shift = Nd4j.randn(DataType.FLOAT, shape.out());
      INDArray before = Nd4j.randn(DataType.FLOAT, shape.outputShape());
      INDArray alone = Nd4j.create(DataType.FLOAT, shape.outputShape());
      FoldedConvolution plain =
          new OneDnnKernels().foldedConvolution(shape, Activation.NONE, Precision.FLOAT32);
      plain.prepare(kernel, scale, shift, null);
      plain.forward(x, alone);
      for (Kernels kernels : new Kernels[] {new OneDnnKernels(), new Nd4jKernels()}) {
        FoldedConvolution adding = kernels.addingConvolution(shape, activation, Precision.FLOAT32);
        adding.prepare(kernel, scale, shift, null);
        INDArray y = before.dup('c');
        adding.forward(x, y);
        INDArray sum = before.add(alone);
        INDArray expected = Nd4j.create(DataType.FLOAT, shape.outputShape());
        new Nd4jKernels()
            .activation(
                new NormalizationShape(
                    shape.batch(), shape.outHeight(), shape.outWidth(), shape.out(), 0, activation))
            .forward(sum, null, expected);
        assertThat(y.equalsWithEps(expected, 1e-3)).isTrue();
      }
    }
  }

  @Test
  void sumsMayOverwriteTheirFirstArgument() {
    for (Kernels kernels : new Kernels[] {new OneDnnKernels(), new Nd4jKernels()}) {
      INDArray left = Nd4j.createFromArray(1f, 2f, 3f);
      INDArray right = Nd4j.createFromArray(10f, 20f, 30f);
      INDArray sum = Nd4j.create(DataType.FLOAT, 3);
      Addition addition = kernels.addition(3);
      addition.forward(left, right, sum);
      assertThat(sum.toFloatVector()).containsExactly(11, 22, 33);
      addition.forward(left, right, left);
      assertThat(left.toFloatVector()).containsExactly(11, 22, 33);
    }
  }

  @Test
  void globalAverageSharesItsGradient() {
    for (Kernels kernels : new Kernels[] {new OneDnnKernels(), new Nd4jKernels()}) {
      GlobalAverage average = kernels.globalAverage(1, 1, 2, 2);
      INDArray x = Nd4j.createFromArray(1f, 2f, 3f, 6f).reshape(1, 1, 2, 2);
      INDArray y = Nd4j.create(DataType.FLOAT, 1, 1, 1, 2);
      average.forward(x, y);
      assertThat(y.data().asFloat()).containsExactly(2, 4);
      INDArray gradient = Nd4j.create(DataType.FLOAT, 1, 1, 2, 2);
      average.backward(y, gradient);
      assertThat(gradient.data().asFloat()).containsExactly(1, 2, 1, 2);
    }
  }

  @Test
  void viewsAreReadFromTheirOwnOffset() {
    INDArray all = Nd4j.createFromArray(0f, 0f, 1f, 2f);
    INDArray view = all.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(2, 4));
    INDArray sum = Nd4j.create(DataType.FLOAT, 2);
    new OneDnnKernels().addition(2).forward(view, view, sum);
    assertThat(sum.toFloatVector()).containsExactly(2, 4);
  }

  @Test
  void sameComparesBits() {
    for (Kernels kernels : new Kernels[] {new OneDnnKernels(), new Nd4jKernels()}) {
      INDArray one = Nd4j.createFromArray(1f, 2f);
      assertThat(kernels.same(one, one.dup())).isTrue();
      assertThat(kernels.same(one, Nd4j.createFromArray(1f, Math.nextUp(2f)))).isFalse();
    }
  }

  private static INDArray wide(INDArray array) {
    return array.castTo(DataType.DOUBLE);
  }
}
