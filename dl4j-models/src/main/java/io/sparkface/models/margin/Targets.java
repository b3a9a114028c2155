package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The cells of a [N, C] matrix that carry the margin: one per row, two where images were mixed. */
final class Targets {
  private final int[] row;
  private final int[] column;
  private final double[] cosine;
  private final double[] gradient;
  private final Margin.TargetLogit[] logit;
  private final int rows;

  Targets(INDArray cosines, SoftLabels labels) {
    rows = labels.rows();
    int cells = rows;
    for (int i = 0; i < rows; i++) {
      cells += labels.mixed(i) ? 1 : 0;
    }
    row = new int[cells];
    column = new int[cells];
    cosine = new double[cells];
    gradient = new double[cells];
    logit = new Margin.TargetLogit[cells];
    int extra = rows;
    for (int i = 0; i < rows; i++) {
      put(i, i, labels.main(i), cosines);
      if (labels.mixed(i)) {
        put(extra++, i, labels.second()[i], cosines);
      }
    }
  }

  private void put(int cell, int inRow, int inColumn, INDArray cosines) {
    row[cell] = inRow;
    column[cell] = inColumn;
    cosine[cell] = cosines.getDouble(inRow, inColumn);
  }

  double[] cosines() {
    return cosine.clone();
  }

  void apply(Margin margin, MarginLoss.Rows given, LossState state) {
    double limit = margin.limit();
    for (int k = 0; k < cosine.length; k++) {
      double clipped = Math.min(Math.max(cosine[k], -limit), limit);
      Margin.TargetLogit phi = margin.target(clipped, given.norms()[row[k]], state);
      if (clipped != cosine[k]) {
        phi = new Margin.TargetLogit(phi.value(), 0, phi.byNorm());
      }
      logit[k] = phi.minus(given.hardness()[row[k]]);
    }
  }

  /** φ of each row's first class. */
  double[] mainLogits() {
    double[] values = new double[rows];
    for (int i = 0; i < rows; i++) {
      values[i] = logit[i].value();
    }
    return values;
  }

  void putLogits(INDArray logits) {
    for (int k = 0; k < row.length; k++) {
      logits.putScalar(row[k], column[k], logit[k].value());
    }
  }

  /** Takes the gradient to each φ out of {@code gradients} and adds up what follows from it. */
  void collect(INDArray gradients, double[] byNorm, double[] byHardness) {
    for (int k = 0; k < row.length; k++) {
      gradient[k] = gradients.getDouble(row[k], column[k]);
      byNorm[row[k]] += gradient[k] * logit[k].byNorm();
      byHardness[row[k]] -= gradient[k];
    }
  }

  void putGradients(INDArray gradients) {
    for (int k = 0; k < row.length; k++) {
      gradients.putScalar(row[k], column[k], gradient[k] * logit[k].byCosine());
    }
  }
}
