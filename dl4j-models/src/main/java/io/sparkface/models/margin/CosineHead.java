package io.sparkface.models.margin;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.HeadComputation;
import io.sparkface.models.heads.HeadParameter;
import io.sparkface.models.heads.Merge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Margin softmax over cosines (spec 3.6): cosine of the embedding with K sub-centres of each class,
 * the largest of the K, the margin on the target's, cross-entropy. Column c * K + k of {@code W}
 * [D, C * K] is sub-centre k of class c; gradient reaches only the sub-centre that won. What the
 * margin learns beside, if anything, is {@code S} [values of its {@link LossState}].
 *
 * <p>Labels are class numbers [N, 1] in the network's data type, not one-hot: at 93,431 classes
 * one-hot labels alone would take 48 MB a batch of 128. Mixed images have [N, 3]: first class,
 * second class, the first's share.
 */
public final class CosineHead extends Head {
  private static final long serialVersionUID = 1L;

  /** The sub-centres. */
  public static final String WEIGHTS = "W";

  /** The margin's state. */
  public static final String STATE = "S";

  @JsonProperty("classes")
  private int classes;

  @JsonProperty("subCentres")
  private int subCentres;

  @JsonProperty("loss")
  private MarginLoss loss;

  @JsonProperty("sampling")
  private ClassSampling sampling;

  /** For JSON. */
  CosineHead() {}

  /** The margin alone, over all classes. */
  public CosineHead(int embeddingSize, int classes, int subCentres, Margin margin) {
    this(embeddingSize, classes, subCentres, MarginLoss.of(margin), new ClassSampling.All());
  }

  /**
   * @param embeddingSize D
   * @param classes C
   * @param subCentres K, 1 for ordinary centres
   * @param loss on the cosines
   * @param sampling which classes take part in a step
   */
  public CosineHead(
      int embeddingSize, int classes, int subCentres, MarginLoss loss, ClassSampling sampling) {
    super(embeddingSize, classes);
    this.classes = classes;
    this.subCentres = subCentres;
    this.loss = Objects.requireNonNull(loss);
    this.sampling = Objects.requireNonNull(sampling);
    if (loss.margin() instanceof AdaCos && !(sampling instanceof ClassSampling.All)) {
      throw new IllegalArgumentException("AdaCos learns its scale from all classes");
    }
  }

  @Override
  public List<HeadParameter> parameters() {
    List<HeadParameter> parameters = new ArrayList<>();
    parameters.add(HeadParameter.trained(WEIGHTS, nIn, (long) classes * subCentres));
    int values = loss.margin().initialState().values().size();
    if (values > 0) {
      parameters.add(HeadParameter.state(STATE, Merge.MEAN, values));
    }
    return parameters;
  }

  /** Glorot normal; the margin's first state. */
  @Override
  protected void initialise(Map<String, INDArray> parameters) {
    INDArray weights = parameters.get(WEIGHTS);
    double deviation = Math.sqrt(2.0 / (nIn + (double) classes * subCentres));
    weights.assign(Nd4j.randn(weights.dataType(), weights.shape()).muli(deviation));
    if (parameters.containsKey(STATE)) {
      loss.margin().initialState().writeTo(parameters.get(STATE));
    }
  }

  @Override
  protected HeadComputation computation() {
    return new CosineHeadComputation(classes, subCentres, loss, sampling);
  }

  @Override
  public CosineHead clone() {
    return (CosineHead) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof CosineHead that
        && classes == that.classes
        && subCentres == that.subCentres
        && Objects.equals(loss, that.loss)
        && Objects.equals(sampling, that.sampling);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), classes, subCentres, loss, sampling);
  }
}
