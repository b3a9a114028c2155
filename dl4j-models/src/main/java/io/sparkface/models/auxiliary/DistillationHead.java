package io.sparkface.models.auxiliary;

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
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Distance s between the student's embedding and the teacher's t (spec 4.5): 1 - t·s with x / (|x|
 * + 1e-5) of both, or |s - t|². Where the teacher is of another width, a map without bias ({@code
 * W}, [student, teacher]) stands between them. Values of the teacher that are not finite count as
 * √(1 / width).
 *
 * <p>Labels are teacher embeddings [N, teacher]; the activation is the mapped embedding.
 */
public final class DistillationHead extends Head {
  private static final long serialVersionUID = 1L;
  private static final String MAP = "W";
  private static final double EPSILON = 1e-5;

  /** How far student and teacher are apart. */
  public enum Distance {
    COSINE,
    EUCLIDEAN
  }

  @JsonProperty("distance")
  private Distance distance;

  /** For JSON. */
  DistillationHead() {}

  /**
   * @param student width of the embedding
   * @param teacher width of the teacher's
   */
  public DistillationHead(int student, int teacher, Distance distance) {
    super(student, teacher);
    this.distance = Objects.requireNonNull(distance);
  }

  @Override
  public HeadLabels labels() {
    return HeadLabels.TEACHER;
  }

  @Override
  public List<HeadParameter> parameters() {
    return nIn == nOut ? List.of() : List.of(HeadParameter.trained(MAP, nIn, nOut));
  }

  /** Glorot normal. */
  @Override
  protected void initialise(Map<String, INDArray> parameters) {
    double deviation = Math.sqrt(2.0 / (nIn + nOut));
    parameters
        .values()
        .forEach(map -> map.assign(Nd4j.randn(map.dataType(), map.shape()).muli(deviation)));
  }

  @Override
  protected HeadComputation computation() {
    return new Computation(distance);
  }

  private record Computation(Distance distance) implements HeadComputation {
    @Override
    public INDArray activate(INDArray input, Map<String, INDArray> parameters) {
      INDArray map = parameters.get(MAP);
      return map == null ? input : input.mmul(map);
    }

    @Override
    public double backward(HeadStep step) {
      INDArray mapped = activate(step.input(), step.parameters());
      INDArray teacher = finite(step.labels().castTo(mapped.dataType()));
      INDArray gradient = mapped.ulike();
      double loss =
          switch (distance) {
            case COSINE -> cosine(mapped, teacher, gradient);
            case EUCLIDEAN -> euclidean(mapped, teacher, gradient);
          };
      INDArray map = step.parameters().get(MAP);
      if (map == null) {
        step.inputGradient().assign(gradient);
      } else {
        Nd4j.gemm(step.input(), gradient, step.gradients().get(MAP), true, false, 1, 0);
        step.inputGradient().assign(gradient.mmul(map.transpose()));
      }
      return loss;
    }

    private static INDArray finite(INDArray teacher) {
      INDArray values = teacher.dup();
      double usual = Math.sqrt(1.0 / values.size(1));
      BooleanIndexing.replaceWhere(values, usual, Conditions.isNan());
      BooleanIndexing.replaceWhere(values, usual, Conditions.isInfinite());
      return values;
    }

    /** d(u·s / (|s| + ε))/ds = u / (|s| + ε) - s (u·s) / (|s| (|s| + ε)²). */
    private static double cosine(INDArray s, INDArray t, INDArray gradient) {
      INDArray u = t.divColumnVector(t.norm2(1).addi(EPSILON));
      INDArray length = s.norm2(1);
      INDArray floored = length.add(EPSILON);
      INDArray dot = u.mul(s).sum(1);
      // a zero vector has no direction to be turned from
      INDArray along = dot.div(floored).divi(floored);
      along.divi(length.addi(Double.MIN_NORMAL));
      BooleanIndexing.replaceWhere(along, 0, Conditions.isNan());
      gradient.assign(s.mulColumnVector(along).subi(u.divColumnVector(floored)));
      return s.size(0) - dot.divi(floored).sumNumber().doubleValue();
    }

    private static double euclidean(INDArray s, INDArray t, INDArray gradient) {
      INDArray difference = s.sub(t);
      gradient.assign(difference).muli(2);
      return difference.mul(difference).sumNumber().doubleValue();
    }
  }

  @Override
  public DistillationHead clone() {
    return (DistillationHead) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof DistillationHead that
        && distance == that.distance;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), distance);
  }
}
