package io.sparkface.models.auxiliary;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.HeadComputation;
import io.sparkface.models.heads.HeadParameter;
import io.sparkface.models.heads.HeadStep;
import io.sparkface.models.heads.Merge;
import io.sparkface.models.margin.SoftLabels;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A {@link TripletLoss} on embeddings. It has no weights; with an α that follows the batch it keeps
 * the mean distance of the last one as state. On several workers each compares the faces of its own
 * share. Of mixed images the weightier class counts. The activation is the embedding.
 */
public final class TripletHead extends Head {
  private static final long serialVersionUID = 1L;

  /** α of the next batch, where it follows. */
  public static final String ALPHA = "A";

  private static final double FIRST_ALPHA = 1;

  /** Where α comes from. */
  public enum Alpha {
    /** As given. */
    FIXED,
    /** The given share of the last batch's mean distance; 1 at first (spec 4.4). */
    OF_MEAN_DISTANCE
  }

  @JsonProperty("loss")
  private TripletLoss loss;

  @JsonProperty("alpha")
  private double alpha;

  @JsonProperty("source")
  private Alpha source;

  /** For JSON. */
  TripletHead() {}

  /**
   * @param alpha by how much a face must be nearer to its own identity, usually 0.35
   */
  public TripletHead(int embeddingSize, TripletLoss loss, double alpha, Alpha source) {
    super(embeddingSize, embeddingSize);
    this.loss = Objects.requireNonNull(loss);
    this.alpha = alpha;
    this.source = Objects.requireNonNull(source);
    if (source == Alpha.OF_MEAN_DISTANCE && !loss.euclidean()) {
      throw new IllegalArgumentException(loss + " has no distances for alpha to follow");
    }
  }

  @Override
  public List<HeadParameter> parameters() {
    return source == Alpha.FIXED ? List.of() : List.of(HeadParameter.state(ALPHA, Merge.MEAN, 1));
  }

  @Override
  protected void initialise(Map<String, INDArray> parameters) {
    parameters.values().forEach(state -> state.assign(FIRST_ALPHA));
  }

  @Override
  protected HeadComputation computation() {
    return new Computation(loss, alpha);
  }

  private record Computation(TripletLoss loss, double alpha) implements HeadComputation {
    @Override
    public INDArray activate(INDArray input, Map<String, INDArray> parameters) {
      return input;
    }

    @Override
    public double backward(HeadStep step) {
      int[] classes = SoftLabels.read(step.labels(), Integer.MAX_VALUE).mains();
      return loss.euclidean() ? onDistances(step, classes) : onCosines(step, classes);
    }

    private double onCosines(HeadStep step, int[] classes) {
      UnitRows rows = new UnitRows(step.input());
      INDArray unit = rows.unit();
      double[][] cosines = unit.mmul(unit.transpose()).toDoubleMatrix();
      TripletLoss.Pairs pairs = loss.of(new TripletLoss.Batch(cosines, classes), alpha);
      INDArray g = pairs.gradient().castTo(unit.dataType());
      step.inputGradient().assign(rows.backward(g.add(g.transpose()).mmul(unit)));
      return pairs.loss();
    }

    /** |a - b|² = |a|² + |b|² - 2ab, whose gradient to a is 2 (a - b). */
    private double onDistances(HeadStep step, int[] classes) {
      INDArray x = step.input();
      INDArray squares = x.mul(x).sum(1);
      INDArray distances =
          x.mmul(x.transpose()).muli(-2).addiColumnVector(squares).addiRowVector(squares);
      INDArray kept = step.parameters().get(ALPHA);
      double margin = kept == null ? alpha : kept.getDouble(0);
      TripletLoss.Pairs pairs =
          loss.of(new TripletLoss.Batch(distances.toDoubleMatrix(), classes), margin);
      if (kept != null) {
        kept.putScalar(0, alpha * distances.meanNumber().doubleValue());
      }
      INDArray g = pairs.gradient().castTo(x.dataType());
      INDArray both = g.add(g.transpose());
      step.inputGradient().assign(x.mulColumnVector(both.sum(1)).subi(both.mmul(x)).muli(2));
      return pairs.loss();
    }
  }

  @Override
  public TripletHead clone() {
    return (TripletHead) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof TripletHead that
        && loss == that.loss
        && alpha == that.alpha
        && source == that.source;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), loss, alpha, source);
  }
}
