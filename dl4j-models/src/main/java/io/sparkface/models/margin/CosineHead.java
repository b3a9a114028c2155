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

  /** With a {@link PrototypeQueue}: the newest embedding of each class [C, D]. */
  public static final String FEATURES = "Q";

  /** And after how many steps it was written [C, 1]. */
  public static final String UPDATED = "U";

  /** And steps taken [1]. */
  public static final String STEPS = "N";

  @JsonProperty("classes")
  private int classes;

  @JsonProperty("subCentres")
  private int subCentres;

  @JsonProperty("loss")
  private MarginLoss loss;

  @JsonProperty("sampling")
  private ClassSampling sampling;

  /** Null without prototypes. */
  @JsonProperty("queue")
  private PrototypeQueue queue;

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

  /** This head with a queue of prototypes. */
  public CosineHead with(PrototypeQueue prototypes) {
    if (subCentres > 1 || !(sampling instanceof ClassSampling.All)) {
      throw new IllegalArgumentException("prototypes need one centre each of all classes");
    }
    queue = prototypes;
    return this;
  }

  @Override
  public List<HeadParameter> parameters() {
    List<HeadParameter> parameters = new ArrayList<>();
    parameters.add(HeadParameter.trained(WEIGHTS, nIn, (long) classes * subCentres));
    int values = loss.margin().initialState().values().size();
    if (values > 0) {
      parameters.add(HeadParameter.state(STATE, Merge.MEAN, values));
    }
    if (queue != null) {
      parameters.add(HeadParameter.state(FEATURES, Merge.FIRST_CHANGE, classes, nIn));
      parameters.add(HeadParameter.state(UPDATED, Merge.FIRST_CHANGE, classes, 1));
      parameters.add(HeadParameter.state(STEPS, Merge.MEAN, 1));
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
    if (queue != null) {
      INDArray features = parameters.get(FEATURES);
      features.assign(Nd4j.randn(features.dataType(), features.shape()).muli(deviation));
      parameters.get(UPDATED).assign(0);
      parameters.get(STEPS).assign(0);
    }
  }

  @Override
  public String toString() {
    return super.toString() + "(" + loss.margin() + ", " + classes + " x " + subCentres + ")";
  }

  @Override
  protected HeadComputation computation() {
    return new CosineHeadComputation(classes, subCentres, loss, sampling, queue);
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
        && Objects.equals(sampling, that.sampling)
        && Objects.equals(queue, that.queue);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), classes, subCentres, loss, sampling, queue);
  }
}
