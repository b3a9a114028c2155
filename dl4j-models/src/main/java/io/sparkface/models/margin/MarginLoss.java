package io.sparkface.models.margin;

import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Cross-entropy of margin logits, and its gradient, in closed form (spec 4.2). A mixed image gets
 * the margin at both of its classes.
 *
 * @param margin what happens to the cosines
 * @param labelSmoothing share of each label spread over all classes, usually 0
 * @param filterAbove other classes whose cosine is above it are left out as probably the same
 *     person under another label (their logit is 0, as in arcface_torch's inter-class filtering); 1
 *     or more leaves none out
 */
public record MarginLoss(Margin margin, double labelSmoothing, double filterAbove) {
  /** Largest value {@link #filterAbove} can do nothing at. */
  public static final double NO_FILTER = 1;

  public MarginLoss {
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException("label smoothing " + labelSmoothing);
    }
  }

  /** No smoothing, no filtering. */
  public static MarginLoss of(Margin margin) {
    return new MarginLoss(margin, 0, NO_FILTER);
  }

  /**
   * What is known of each row beside its cosines.
   *
   * @param labels classes
   * @param norms lengths of the embeddings [N] before they were normalised
   * @param hardness taken off the target's logit before scaling [N]; 0 but for {@link AcrTrip}
   */
  public record Rows(SoftLabels labels, double[] norms, double[] hardness) {
    /** Rows of no particular length or hardness. */
    public static Rows of(int... classes) {
      double[] ones = new double[classes.length];
      Arrays.fill(ones, 1);
      return new Rows(SoftLabels.of(classes), ones, new double[classes.length]);
    }
  }

  /**
   * What a batch came to. Derivatives are those of the losses' sum.
   *
   * @param losses per row [N]
   * @param byNorm derivative to each norm [N]
   * @param byHardness derivative to each hardness [N]
   * @param next state after the batch
   */
  public record Result(double[] losses, double[] byNorm, double[] byHardness, LossState next) {}

  /**
   * Computes losses and overwrites the cosines with their gradient.
   *
   * @param cosines [N, C], float or double
   */
  public Result overwrite(INDArray cosines, Rows rows, LossState before) {
    Targets targets = new Targets(cosines, rows.labels());
    LossState state =
        margin.next(before, new CosineBatch(cosines, targets.cosines(), rows.norms()));
    return overwrite(cosines, rows, targets, state);
  }

  /** The same at a given state, for checks by finite differences. */
  Result overwriteAt(INDArray cosines, Rows rows, LossState state) {
    return overwrite(cosines, rows, new Targets(cosines, rows.labels()), state);
  }

  private Result overwrite(INDArray cosines, Rows rows, Targets targets, LossState state) {
    int n = rows.labels().rows();
    double scale = margin.scale(state);
    targets.apply(margin, rows, state);

    INDArray dropped = filterAbove < NO_FILTER ? filter(cosines) : null;
    Optional<INDArray> slopes = margin.others(cosines, targets.mainLogits(), state);
    targets.putLogits(cosines);
    cosines.muli(scale);
    double[] losses = new CrossEntropy(cosines, rows.labels(), labelSmoothing).toGradient();
    cosines.muli(scale);
    double[] byNorm = new double[n];
    double[] byHardness = new double[n];
    targets.collect(cosines, byNorm, byHardness);
    slopes.ifPresent(cosines::muli);
    if (dropped != null) {
      cosines.muli(dropped);
    }
    targets.putGradients(cosines);
    for (int i = 0; i < n; i++) {
      Margin.NormPenalty penalty = margin.penalty(rows.norms()[i]);
      losses[i] += penalty.value();
      byNorm[i] += penalty.byNorm();
    }
    return new Result(losses, byNorm, byHardness, state);
  }

  private INDArray filter(INDArray cosines) {
    INDArray kept = cosines.lte(filterAbove).castTo(cosines.dataType());
    cosines.muli(kept);
    return kept;
  }
}
