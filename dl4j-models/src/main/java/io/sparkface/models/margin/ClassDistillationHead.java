package io.sparkface.models.margin;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.HeadComputation;
import io.sparkface.models.heads.HeadLabels;
import io.sparkface.models.heads.HeadParameter;
import io.sparkface.models.heads.HeadStep;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A student's cosines of all classes follow a teacher's: Σ P ln(P / Q) with P = softmax(scale *
 * teacher), Q = softmax(scale * student), both at least 1e-7 (spec 4.5). {@code W} as in {@link
 * CosineHead}, so that a stage can go on from such a head and the other way round.
 *
 * <p>Labels are the teacher's cosines [N, C]; the activation is the student's.
 */
public final class ClassDistillationHead extends Head {
  private static final long serialVersionUID = 1L;
  private static final double LEAST = 1e-7;

  @JsonProperty("subCentres")
  private int subCentres;

  @JsonProperty("scale")
  private double scale;

  /** For JSON. */
  ClassDistillationHead() {}

  /**
   * @param embeddingSize D
   * @param classes C
   * @param subCentres K
   * @param scale usually 10
   */
  public ClassDistillationHead(int embeddingSize, int classes, int subCentres, double scale) {
    super(embeddingSize, classes);
    this.subCentres = subCentres;
    this.scale = scale;
  }

  @Override
  public HeadLabels labels() {
    return HeadLabels.TEACHER;
  }

  @Override
  public List<HeadParameter> parameters() {
    return List.of(HeadParameter.trained(CosineHead.WEIGHTS, nIn, nOut * subCentres));
  }

  /** Glorot normal. */
  @Override
  protected void initialise(Map<String, INDArray> parameters) {
    INDArray weights = parameters.get(CosineHead.WEIGHTS);
    double deviation = Math.sqrt(2.0 / (nIn + (double) nOut * subCentres));
    weights.assign(Nd4j.randn(weights.dataType(), weights.shape()).muli(deviation));
  }

  @Override
  protected HeadComputation computation() {
    return new Computation(subCentres, scale);
  }

  private record Computation(int subCentres, double scale) implements HeadComputation {
    @Override
    public INDArray activate(INDArray input, Map<String, INDArray> parameters) {
      INDArray weights = parameters.get(CosineHead.WEIGHTS);
      CosineMatrix matrix = CosineMatrix.of(input, weights, CosineHeadComputation.LEAST_SQUARE);
      return new SubCentreChoice(matrix.forward(input, weights, weights.ulike()), subCentres)
          .nearest();
    }

    @Override
    public double backward(HeadStep step) {
      INDArray weights = step.parameters().get(CosineHead.WEIGHTS);
      INDArray gradient = step.gradients().get(CosineHead.WEIGHTS);
      CosineMatrix matrix =
          CosineMatrix.of(step.input(), weights, CosineHeadComputation.LEAST_SQUARE);
      SubCentreChoice choice =
          new SubCentreChoice(matrix.forward(step.input(), weights, gradient), subCentres);
      INDArray cosines = choice.nearest().dup();
      double loss = overwrite(cosines, step.labels().castTo(cosines.dataType()), scale);
      matrix.backward(choice.spread(cosines), gradient, null, step.inputGradient());
      return loss;
    }
  }

  /** The summed loss; the student's cosines become their gradient. */
  static double overwrite(INDArray student, INDArray teacher, double scale) {
    INDArray p = Transforms.max(softmax(teacher, scale), LEAST, false);
    INDArray q = softmax(student, scale);
    INDArray free = q.gte(LEAST).castTo(q.dataType());
    INDArray logQ = Transforms.log(Transforms.max(q, LEAST, true), false);
    double loss = Transforms.log(p, true).subi(logQ).muli(p).sumNumber().doubleValue();
    // dL/ds = scale (q Σ p - p), over those that are not held at the least
    INDArray held = p.muli(free);
    student.assign(q.muliColumnVector(held.sum(1)).subi(held)).muli(scale);
    return loss;
  }

  private static INDArray softmax(INDArray cosines, double scale) {
    INDArray logits = cosines.mul(scale);
    return Transforms.softmax(logits, false);
  }

  @Override
  public ClassDistillationHead clone() {
    return (ClassDistillationHead) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof ClassDistillationHead that
        && subCentres == that.subCentres
        && scale == that.scale;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), subCentres, scale);
  }
}
