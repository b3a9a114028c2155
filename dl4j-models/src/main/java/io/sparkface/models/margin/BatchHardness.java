package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * For each face of a batch how much closer the hardest other identity is than the hardest face of
 * its own: max(n - p, 0), p the least cosine within the identity (itself included), n the largest
 * outside it (-1 where there is none).
 */
final class BatchHardness {
  private final INDArray unit;
  private final int[] positive;
  private final int[] negative;
  private final double[] hardness;

  /**
   * @param unit embeddings of length 1 [N, D]
   */
  BatchHardness(INDArray unit, int[] classes) {
    this.unit = unit;
    int n = classes.length;
    positive = new int[n];
    negative = new int[n];
    hardness = new double[n];
    double[][] similarity = unit.mmul(unit.transpose()).toDoubleMatrix();
    for (int i = 0; i < n; i++) {
      double least = Double.POSITIVE_INFINITY;
      double most = -1;
      negative[i] = -1;
      for (int j = 0; j < n; j++) {
        double s = similarity[i][j];
        if (classes[i] == classes[j] && s < least) {
          least = s;
          positive[i] = j;
        } else if (classes[i] != classes[j] && s > most) {
          most = s;
          negative[i] = j;
        }
      }
      hardness[i] = Math.max(most - least, 0);
    }
  }

  double[] values() {
    return hardness;
  }

  /** Adds to the gradient of the unit embeddings what follows from that of the values. */
  void backward(double[] gradient, INDArray toUnit) {
    for (int i = 0; i < hardness.length; i++) {
      if (hardness[i] > 0) {
        INDArray own = unit.getRow(i);
        INDArray near = unit.getRow(positive[i]);
        if (negative[i] >= 0) {
          INDArray far = unit.getRow(negative[i]);
          toUnit.getRow(i).addi(far.sub(near).muli(gradient[i]));
          toUnit.getRow(negative[i]).addi(own.mul(gradient[i]));
        } else {
          toUnit.getRow(i).subi(near.mul(gradient[i]));
        }
        toUnit.getRow(positive[i]).subi(own.mul(gradient[i]));
      }
    }
  }
}
