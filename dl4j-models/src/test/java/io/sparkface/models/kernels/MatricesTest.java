package io.sparkface.models.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.kernels.Matrices.Transposed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Against ND4J's arithmetic in double, with odd sizes and one row. */
class MatricesTest {
  private static final List<long[]> SIZES =
      List.of(new long[] {33, 7, 130}, new long[] {1, 19, 5}, new long[] {5, 64, 64});

  @Test
  void oneDnnAgrees() {
    for (long[] size : SIZES) {
      agrees(new OneDnnMatrices(), DataType.FLOAT, size, 1e-4);
    }
  }

  @Test
  void nd4jAgrees() {
    for (long[] size : SIZES) {
      agrees(new Nd4jMatrices(), DataType.DOUBLE, size, 1e-10);
    }
  }

  private static void agrees(Matrices matrices, DataType type, long[] size, double error) {
    INDArray a = Nd4j.rand(DataType.DOUBLE, size[0], size[1]);
    INDArray b = Nd4j.rand(DataType.DOUBLE, size[1], size[2]);
    INDArray ab = a.mmul(b);
    INDArray c = Nd4j.create(type, ab.shape());
    matrices.product(copy(a, type), copy(b, type), c, Transposed.NEITHER);
    same(c, ab, error);
    matrices.product(copy(a.transpose(), type), copy(b, type), c, Transposed.LEFT);
    same(c, ab, error);
    matrices.product(copy(a, type), copy(b.transpose(), type), c, Transposed.RIGHT);
    same(c, ab, error);
    matrices.productLess(copy(a.transpose(), type), copy(b, type), c);
    same(c, ab.sub(ab), error);

    INDArray row = Nd4j.rand(DataType.DOUBLE, 1, size[2]);
    INDArray own = copy(ab, type);
    matrices.times(own, copy(row, type), own);
    same(own, ab.mulRowVector(row), error);
    matrices.times(copy(ab, type), copy(ab, type), own);
    same(own, ab.mul(ab), error * ab.maxNumber().doubleValue());

    matrices.plus(copy(ab, type), copy(row, type), own);
    same(own, ab.addRowVector(row), error);
    matrices.plus(own, copy(ab, type), own);
    same(own, ab.addRowVector(row).addi(ab), error * 2);

    INDArray sums = Nd4j.create(type, 1, size[2]);
    matrices.sumRows(copy(ab, type), sums);
    same(sums, ab.sum(true, 0), error * size[0]);
  }

  private static INDArray copy(INDArray values, DataType type) {
    return values.castTo(type).dup('c');
  }

  private static void same(INDArray got, INDArray expected, double error) {
    assertThat(got.dup('c').data().asDouble())
        .containsExactly(expected.dup('c').data().asDouble(), within(error));
  }
}
