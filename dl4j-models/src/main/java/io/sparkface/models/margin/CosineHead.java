package io.sparkface.models.margin;

import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Margin softmax over cosines (spec 3.6): cosine of the embedding with K sub-centres of each class,
 * the largest of the K, the margin on the target's, cross-entropy. Column c * K + k of {@code W}
 * [D, C * K] is sub-centre k of class c; gradient reaches only the sub-centre that won.
 *
 * <p>Labels are class numbers [N, 1] in the network's data type, not one-hot: at 93,431 classes
 * one-hot labels alone would take 48 MB a batch of 128. The loss is the <em>sum</em> over the
 * batch, as DL4J divides it by the batch size itself.
 */
public final class CosineHead extends SameDiffOutputLayer {
  private static final long serialVersionUID = 1L;
  private static final String WEIGHTS = "W";

  /** Below this squared norm a vector is not brought to unit length (spec 0). */
  private static final double LEAST_SQUARE = 1e-5;

  /** Beyond it acos has no finite gradient (trap 31). */
  private static final double MOST_COSINE = 1 - 1e-7;

  private final int embeddingSize;
  private final int classes;
  private final int subCentres;
  private final Margin margin;

  public CosineHead(int embeddingSize, int classes, int subCentres, Margin margin) {
    this.embeddingSize = embeddingSize;
    this.classes = classes;
    this.subCentres = subCentres;
    this.margin = Objects.requireNonNull(margin);
    if (!margin.initialState().equals(LossState.EMPTY) || margin.limit() < MOST_COSINE) {
      throw new IllegalArgumentException(margin + " needs more than this head computes");
    }
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(classes);
  }

  @Override
  public void defineParameters(SDLayerParams params) {
    params.addWeightParam(WEIGHTS, embeddingSize, (long) classes * subCentres);
  }

  /** Glorot normal. */
  @Override
  public void initializeParameters(Map<String, INDArray> params) {
    INDArray weights = params.get(WEIGHTS);
    double deviation = Math.sqrt(2.0 / (embeddingSize + (double) classes * subCentres));
    weights.assign(Nd4j.randn(weights.dataType(), weights.shape()).muli(deviation));
  }

  @Override
  public String activationsVertexName() {
    return "cosines";
  }

  @Override
  public SDVariable defineLayer(
      SameDiff graph, SDVariable input, SDVariable labels, Map<String, SDVariable> params) {
    SDVariable all = unit(graph, input, 1).mmul(unit(graph, params.get(WEIGHTS), 0));
    SDVariable cosines =
        subCentres == 1
            ? graph.identity("cosines", all)
            : graph.reshape(all, -1, classes, subCentres).max("cosines", 2);
    return loss(graph, cosines, input.norm2(true, 1), labels);
  }

  /** The summed loss of {@code cosines} [N, C]. */
  SDVariable loss(SameDiff graph, SDVariable cosines, SDVariable norms, SDVariable labels) {
    SDVariable ids = graph.squeeze(labels, 1).castTo(DataType.INT32);
    SDVariable target = graph.oneHot(ids, classes, -1, 1.0, 0.0, cosines.dataType());
    SDVariable own =
        graph.math().clipByValue(cosines.mul(target).sum(true, 1), -MOST_COSINE, MOST_COSINE);
    SDVariable change = margin.target(graph, own, norms, LossState.EMPTY).sub(own);
    SDVariable logits = cosines.add(target.mul(change)).mul(margin.scale());
    // not logSoftmax(logits, 1): its gradient cannot be built in M2.1
    // (DifferentialFunction.setValueFor)
    SDVariable loss = graph.nn().logSoftmax(logits).mul(target).sum().neg();
    // the norms are a second end of the graph for margins that leave them unused
    loss.markAsLoss();
    return loss;
  }

  private static SDVariable unit(SameDiff graph, SDVariable vectors, int along) {
    SDVariable square = graph.math().square(vectors).sum(true, along);
    SDVariable floor = graph.math().clipByValue(square, LEAST_SQUARE, Double.MAX_VALUE);
    return vectors.div(graph.math().sqrt(floor));
  }
}
