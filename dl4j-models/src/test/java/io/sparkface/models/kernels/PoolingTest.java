package io.sparkface.models.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

/** Pooling, gates and copies of both kernels against the definition. */
class PoolingTest {
  private static final Kernels[] BOTH = {new OneDnnKernels(), new Nd4jKernels()};

  static Stream<PoolingShape> shapes() {
    List<PoolingShape> shapes = new ArrayList<>();
    for (PoolingShape.Kind kind : PoolingShape.Kind.values()) {
      for (Padding padding : new Padding[] {Padding.VALID, Padding.SAME, Padding.SYMMETRIC}) {
        shapes.add(new PoolingShape(kind, 2, 7, 8, 5, 3, 2, padding));
        shapes.add(new PoolingShape(kind, 1, 6, 6, 16, 3, 1, padding));
      }
      shapes.add(new PoolingShape(kind, 3, 6, 8, 20, 2, 2, Padding.VALID));
      shapes.add(new PoolingShape(kind, 3, 7, 7, 8, 1, 2, Padding.VALID));
    }
    return shapes.stream();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void bothAgreeWithTheDefinition(PoolingShape shape) {
    double[] x = random(shape.inputShape());
    double[] gradient = random(shape.outputShape());
    double[] y = new double[gradient.length];
    double[] xGradient = new double[x.length];
    define(shape, x, gradient, y, xGradient);
    for (Kernels kernels : BOTH) {
      Pooling pooling = kernels.pooling(shape);
      INDArray in = array(x, shape.inputShape());
      INDArray out = Nd4j.create(DataType.FLOAT, shape.outputShape());
      INDArray back = Nd4j.create(DataType.FLOAT, shape.inputShape());
      pooling.forward(in, out);
      pooling.backward(in, array(gradient, shape.outputShape()), back);
      same(out, y);
      same(back, xGradient);
    }
  }

  private static void define(
      PoolingShape s, double[] x, double[] gradient, double[] y, double[] xGradient) {
    int top = s.padding().before(s.height(), s.kernel(), s.stride());
    int left = s.padding().before(s.width(), s.kernel(), s.stride());
    int out = 0;
    for (int n = 0; n < s.batch(); n++) {
      for (int row = 0; row < s.outHeight(); row++) {
        for (int column = 0; column < s.outWidth(); column++) {
          for (int c = 0; c < s.channels(); c++, out++) {
            List<Integer> window = new ArrayList<>();
            for (int i = 0; i < s.kernel() * s.kernel(); i++) {
              int r = row * s.stride() + i / s.kernel() - top;
              int q = column * s.stride() + i % s.kernel() - left;
              if (r >= 0 && q >= 0 && r < s.height() && q < s.width()) {
                window.add(((n * s.height() + r) * s.width() + q) * s.channels() + c);
              }
            }
            if (s.kind() == PoolingShape.Kind.MAX) {
              int best = window.stream().reduce((a, b) -> x[b] > x[a] ? b : a).orElseThrow();
              y[out] = x[best];
              xGradient[best] += gradient[out];
            } else {
              for (int place : window) {
                y[out] += x[place] / window.size();
                xGradient[place] += gradient[out] / window.size();
              }
            }
          }
        }
      }
    }
  }

  @Test
  void gatesMultiplyEveryChannelOfEveryImage() {
    long[] shape = {3, 2, 5, 20};
    double[] x = random(shape);
    double[] gate = random(3, 20);
    double[] added = random(3, 20);
    double[] y = new double[x.length];
    double[] shifted = new double[x.length];
    double[] gateGradient = new double[gate.length];
    for (int i = 0; i < x.length; i++) {
      int factor = i / (10 * 20) * 20 + i % 20;
      y[i] = x[i] * gate[factor];
      shifted[i] = y[i] + added[factor];
      gateGradient[factor] += x[i] * y[i];
    }
    for (Kernels kernels : BOTH) {
      ChannelGate gates = kernels.gate(3, 2, 5, 20);
      INDArray in = array(x, shape);
      INDArray out = Nd4j.create(DataType.FLOAT, shape);
      gates.forward(in, array(gate, 3, 20), out);
      same(out, y);
      INDArray back = Nd4j.create(DataType.FLOAT, 3, 20);
      gates.backwardGate(in, out, Nd4j.create(DataType.FLOAT, shape), back);
      same(back, gateGradient);
      gates.backwardData(in, array(gate, 3, 20), array(added, 3, 20), out);
      same(out, shifted);
    }
  }

  @Test
  void copiesLeaveTheRestAlone() {
    Region from = new Region(2, 4, 5, 3, 1, 2, 0, 2, 3, 3);
    Region to = new Region(2, 2, 4, 7, 0, 1, 4, 2, 3, 3);
    INDArray source = array(random(2, 4, 5, 3), 2, 4, 5, 3);
    INDArray expected = Nd4j.ones(DataType.FLOAT, 2, 2, 4, 7);
    for (int n = 0; n < 2; n++) {
      for (int i = 0; i < 18; i++) {
        int[] at = {i / 9, i / 3 % 3, i % 3};
        float value = source.getFloat(n, 1 + at[0], 2 + at[1], at[2]);
        expected.putScalar(new int[] {n, at[0], 1 + at[1], 4 + at[2]}, value);
      }
    }
    for (Kernels kernels : BOTH) {
      INDArray target = Nd4j.ones(DataType.FLOAT, 2, 2, 4, 7);
      kernels.copy(from, to).run(source, target);
      assertThat(target).isEqualTo(expected);
    }
  }

  private static double[] random(long... shape) {
    return new Random(shape.length).doubles(NaiveConvolution.size(shape), -1, 1).toArray();
  }

  private static INDArray array(double[] values, long... shape) {
    return Nd4j.createFromArray(values).castTo(DataType.FLOAT).reshape('c', shape);
  }

  private static void same(INDArray got, double[] expected) {
    assertThat(got.dup('c').data().asDouble()).containsExactly(expected, within(1e-5));
  }
}
