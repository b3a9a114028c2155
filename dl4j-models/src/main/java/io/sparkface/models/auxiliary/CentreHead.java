package io.sparkface.models.auxiliary;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.HeadComputation;
import io.sparkface.models.heads.HeadParameter;
import io.sparkface.models.heads.HeadStep;
import io.sparkface.models.heads.Merge;
import io.sparkface.models.margin.SoftLabels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Embeddings are drawn to a centre of their class (Wen et al., 2016; spec 4.3), which follows them.
 * The loss of a row is |e - c|² / 2, or 1 - cos(e, c). After it, each row moves its centre by alpha
 * (e - c) / (n + 1), n the rows of that class in the batch. Centres start at zero, and are state:
 * workers add up their changes, each with the n of its own images.
 *
 * <p>Of mixed images the weightier class counts. The activation is the embedding.
 */
public final class CentreHead extends Head {
  private static final long serialVersionUID = 1L;

  /** The centres [classes, D]. */
  public static final String CENTRES = "C";

  /** How far an embedding is from its centre. */
  public enum Distance {
    EUCLIDEAN,
    COSINE
  }

  @JsonProperty("alpha")
  private double alpha;

  @JsonProperty("distance")
  private Distance distance;

  @JsonProperty("classes")
  private int classes;

  /** For JSON. */
  CentreHead() {}

  /**
   * @param embeddingSize D
   * @param alpha how fast centres move, usually 0.5
   */
  public CentreHead(int embeddingSize, int classes, double alpha, Distance distance) {
    super(embeddingSize, embeddingSize);
    this.classes = classes;
    this.alpha = alpha;
    this.distance = Objects.requireNonNull(distance);
  }

  @Override
  public List<HeadParameter> parameters() {
    return List.of(HeadParameter.state(CENTRES, Merge.SUM_OF_CHANGES, classes, nIn));
  }

  @Override
  protected void initialise(Map<String, INDArray> parameters) {
    parameters.get(CENTRES).assign(0);
  }

  @Override
  protected HeadComputation computation() {
    return new Computation(alpha, distance);
  }

  private record Computation(double alpha, Distance distance) implements HeadComputation {
    @Override
    public INDArray activate(INDArray input, Map<String, INDArray> parameters) {
      return input;
    }

    @Override
    public double backward(HeadStep step) {
      INDArray centres = step.parameters().get(CENTRES);
      int[] classes = SoftLabels.read(step.labels(), (int) centres.size(0)).mains();
      INDArray own = centres.getRows(classes);
      INDArray pull = step.input().sub(own);
      double loss = loss(step, own, pull);
      Map<Integer, Integer> count = new HashMap<>();
      for (int c : classes) {
        count.merge(c, 1, Integer::sum);
      }
      for (int i = 0; i < classes.length; i++) {
        double share = alpha / (count.get(classes[i]) + 1);
        centres.getRow(classes[i]).addi(pull.getRow(i).mul(share));
      }
      return loss;
    }

    private double loss(HeadStep step, INDArray own, INDArray pull) {
      if (distance == Distance.EUCLIDEAN) {
        step.inputGradient().assign(pull);
        return pull.mul(pull).sumNumber().doubleValue() / 2;
      }
      UnitRows rows = new UnitRows(step.input());
      INDArray unit = new UnitRows(own).unit();
      double cosines = rows.unit().mul(unit).sumNumber().doubleValue();
      step.inputGradient().assign(rows.backward(unit.neg()));
      return own.size(0) - cosines;
    }
  }

  @Override
  public CentreHead clone() {
    return (CentreHead) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof CentreHead that
        && classes == that.classes
        && alpha == that.alpha
        && distance == that.distance;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), classes, alpha, distance);
  }
}
