package io.sparkface.models.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.kernels.AttentionShape.Places;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Both kernels against each other, and the one of ND4J, in double, against the definition. */
class AttentionTest {
  private static INDArray random(DataType type, long... shape) {
    return Nd4j.randn(DataType.FLOAT, shape).muli(0.7).castTo(type);
  }

  private static void same(INDArray got, INDArray expected) {
    assertThat(got.dup('c').data().asDouble())
        .containsExactly(expected.dup('c').data().asDouble(), within(2e-5));
  }

  @ParameterizedTest
  @EnumSource
  void bothComputeTheSame(Places places) {
    var shape = new AttentionShape(3, 3, 4, 2, 5, places);
    Nd4j.getRandom().setSeed(4);
    INDArray x = random(DataType.FLOAT, 3, 3, 4, 30);
    INDArray positions = random(DataType.FLOAT, shape.distances(), 5);
    INDArray gradient = random(DataType.FLOAT, 3, 3, 4, 10);
    Attention fast = new OneDnnKernels().attention(shape);
    Attention plain = new Nd4jKernels().attention(shape);
    INDArray[][] results = new INDArray[2][];
    for (int i = 0; i < 2; i++) {
      INDArray y = Nd4j.create(DataType.FLOAT, 3, 3, 4, 10);
      INDArray back = Nd4j.create(DataType.FLOAT, 3, 3, 4, 30);
      INDArray learnt = Nd4j.create(DataType.FLOAT, shape.distances(), 5);
      INDArray room = Nd4j.create(DataType.FLOAT, 6, 12, 12);
      Attention attention = i == 0 ? fast : plain;
      for (int repeat = 0; repeat < 2; repeat++) {
        attention.forward(x, positions, y);
        attention.backward(x, positions, gradient, room, back, learnt);
      }
      results[i] = new INDArray[] {y, back, learnt};
    }
    for (int i = 0; i < 3; i++) {
      same(results[0][i], results[1][i]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void followsTheDefinition(Places places) {
    var shape = new AttentionShape(1, 2, 3, 2, 4, places);
    INDArray x = random(DataType.DOUBLE, 1, 2, 3, 24);
    INDArray positions = random(DataType.DOUBLE, shape.distances(), 4);
    INDArray y = Nd4j.create(DataType.DOUBLE, 1, 2, 3, 8);
    new Nd4jKernels().attention(shape).forward(x, positions, y);
    INDArray rows = x.reshape('c', 6, 24);
    for (int head = 0; head < 2; head++) {
      for (int query = 0; query < 6; query++) {
        double[] weight = new double[6];
        double sum = 0;
        for (int key = 0; key < 6; key++) {
          double score = 0;
          for (int c = 0; c < 4; c++) {
            double k = rows.getDouble(key, 8 + 4 * head + c);
            if (places == Places.RELATIVE) {
              k += positions.getDouble(key / 3 - query / 3 + 1, c);
              k += positions.getDouble(3 + key % 3 - query % 3 + 2, c);
            }
            score += rows.getDouble(query, 4 * head + c) * k / 2;
          }
          weight[key] = Math.exp(score);
          sum += weight[key];
        }
        for (int c = 0; c < 4; c++) {
          double expected = 0;
          for (int key = 0; key < 6; key++) {
            expected += weight[key] / sum * rows.getDouble(key, 16 + 4 * head + c);
          }
          assertThat(y.reshape('c', 6, 8).getDouble(query, 4 * head + c))
              .isCloseTo(expected, within(1e-9));
        }
      }
    }
  }

  @Test
  void rowsAreNormalisedAlike() {
    INDArray x = random(DataType.FLOAT, 7, 6).addi(2);
    INDArray scaleShift = random(DataType.FLOAT, 2, 6);
    INDArray gradient = random(DataType.FLOAT, 7, 6);
    INDArray[][] results = new INDArray[2][];
    for (int i = 0; i < 2; i++) {
      Kernels kernels = i == 0 ? new OneDnnKernels() : new Nd4jKernels();
      RowNormalization normalization = kernels.rowNormalization(7, 6, 1e-5);
      INDArray y = Nd4j.create(DataType.FLOAT, 7, 6);
      INDArray back = Nd4j.create(DataType.FLOAT, 7, 6);
      INDArray learnt = Nd4j.create(DataType.FLOAT, 2, 6);
      normalization.forward(x, scaleShift, y);
      normalization.backward(x, scaleShift, gradient, back, learnt);
      results[i] = new INDArray[] {y, back, learnt};
    }
    for (int i = 0; i < 3; i++) {
      same(results[0][i], results[1][i]);
    }
    INDArray normal = results[0][0].subRowVector(scaleShift.getRow(1, true));
    normal.diviRowVector(scaleShift.getRow(0, true));
    assertThat(normal.mean(1).amaxNumber().doubleValue()).isLessThan(1e-4);
  }
}
