package io.sparkface.pipeline.evaluate;

import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * The directions in which embeddings vary most: x ↦ (x - mean) · V, V the eigenvectors of the
 * covariance with the largest eigenvalues.
 */
final class PrincipalComponents {
  private final double[] mean;
  private final double[][] directions;

  private PrincipalComponents(double[] mean, double[][] directions) {
    this.mean = mean;
    this.directions = directions;
  }

  /**
   * @param rows [n][D]
   * @param count directions kept, at most D
   */
  static PrincipalComponents fit(List<float[]> rows, int count) {
    int width = rows.get(0).length;
    double[] mean = new double[width];
    for (float[] row : rows) {
      for (int d = 0; d < width; d++) {
        mean[d] += row[d];
      }
    }
    for (int d = 0; d < width; d++) {
      mean[d] /= rows.size();
    }
    double[][] covariance = new double[width][width];
    double[] centred = new double[width];
    for (float[] row : rows) {
      for (int d = 0; d < width; d++) {
        centred[d] = row[d] - mean[d];
      }
      for (int a = 0; a < width; a++) {
        double left = centred[a];
        double[] target = covariance[a];
        for (int b = 0; b <= a; b++) {
          target[b] += left * centred[b];
        }
      }
    }
    for (int a = 0; a < width; a++) {
      for (int b = 0; b <= a; b++) {
        covariance[a][b] /= rows.size();
        covariance[b][a] = covariance[a][b];
      }
    }
    // eigenvalues of a symmetric matrix come largest first
    EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(covariance, false));
    double[][] directions = new double[count][];
    for (int c = 0; c < count; c++) {
      directions[c] = eigen.getEigenvector(c).toArray();
    }
    return new PrincipalComponents(mean, directions);
  }

  double[] project(float[] row) {
    double[] projected = new double[directions.length];
    for (int c = 0; c < projected.length; c++) {
      double[] direction = directions[c];
      double sum = 0;
      for (int d = 0; d < mean.length; d++) {
        sum += (row[d] - mean[d]) * direction[d];
      }
      projected[c] = sum;
    }
    return projected;
  }
}
