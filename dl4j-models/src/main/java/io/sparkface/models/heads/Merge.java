package io.sparkface.models.heads;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How workers that went on from the same state agree on one (trap 36). All of them saw batches of
 * one size.
 */
public enum Merge {
  /** The mean: for moving averages and scales. */
  MEAN {
    @Override
    public INDArray of(INDArray before, List<INDArray> after) {
      INDArray sum = after.get(0).dup();
      after.subList(1, after.size()).forEach(sum::addi);
      return sum.divi(after.size());
    }
  },

  /** All changes made: for centres, which every sample pulls at. */
  SUM_OF_CHANGES {
    @Override
    public INDArray of(INDArray before, List<INDArray> after) {
      INDArray sum = before.dup();
      after.forEach(worker -> sum.addi(worker.sub(before)));
      return sum;
    }
  },

  /** Each row as the first worker has it that changed it: for the newest face of a class. */
  FIRST_CHANGE {
    @Override
    public INDArray of(INDArray before, List<INDArray> after) {
      INDArray merged = before.dup();
      for (long row = 0; row < before.size(0); row++) {
        for (INDArray worker : after) {
          // not equalsWithEps(…, 0): rows of one number never equal each other by it
          if (!Arrays.equals(row(worker, row), row(before, row))) {
            merged.getRow(row).assign(worker.getRow(row));
            break;
          }
        }
      }
      return merged;
    }
  };

  private static double[] row(INDArray matrix, long row) {
    return matrix.getRow(row).reshape(-1).toDoubleVector();
  }

  /**
   * One state from several.
   *
   * @param before the state all workers began with
   * @param after theirs now, of the same shape
   */
  public abstract INDArray of(INDArray before, List<INDArray> after);
}
