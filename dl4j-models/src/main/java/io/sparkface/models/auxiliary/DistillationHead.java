package io.sparkface.models.auxiliary;

import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Cosine distance between the student's embedding and the teacher's, {@code weight * (1 - t·s)}
 * with {@code x / (|x| + 1e-5)} of both (spec 4.5), summed over the batch. A map without bias
 * ({@code W}, [student, teacher]) stands between them; where both are of one width it starts as the
 * identity.
 *
 * <p>Labels are teacher embeddings [N, teacher].
 */
public final class DistillationHead extends SameDiffOutputLayer {
  private static final long serialVersionUID = 1L;
  private static final String MAP = "W";
  private static final double EPSILON = 1e-5;

  private final int student;
  private final int teacher;
  private final double weight;

  private DistillationHead(int student, int teacher, double weight) {
    this.student = student;
    this.teacher = teacher;
    this.weight = weight;
  }

  /**
   * @param student width of the embedding
   * @param teacher width of the teacher's
   * @param weight of this loss beside the others
   */
  public static DistillationHead cosine(int student, int teacher, double weight) {
    return new DistillationHead(student, teacher, weight);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(teacher);
  }

  @Override
  public void defineParameters(SDLayerParams params) {
    params.addWeightParam(MAP, student, teacher);
  }

  @Override
  public void initializeParameters(Map<String, INDArray> params) {
    INDArray map = params.get(MAP);
    map.assign(
        student == teacher
            ? Nd4j.eye(student).castTo(map.dataType())
            : Nd4j.randn(map.dataType(), map.shape()).muli(Math.sqrt(2.0 / (student + teacher))));
  }

  @Override
  public String activationsVertexName() {
    return "mapped";
  }

  @Override
  public SDVariable defineLayer(
      SameDiff graph, SDVariable input, SDVariable labels, Map<String, SDVariable> params) {
    SDVariable mapped = input.mmul("mapped", params.get(MAP));
    SDVariable cosines = unit(mapped).mul(unit(labels)).sum(1);
    return cosines.rsub(1.0).sum().mul(weight);
  }

  private static SDVariable unit(SDVariable vectors) {
    return vectors.div(vectors.norm2(true, 1).add(EPSILON));
  }
}
