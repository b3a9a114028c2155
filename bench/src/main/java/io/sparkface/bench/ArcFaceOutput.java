package io.sparkface.bench;

import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ArcFace with margin 0.5 and scale 64 as the peer has it: the step to be timed needs a loss. */
final class ArcFaceOutput extends SameDiffOutputLayer {
  private static final long serialVersionUID = 1L;
  private static final double MARGIN = 0.5;
  private static final double SCALE = 64;
  private static final double LIMIT = 1 - 1e-7;

  private final int embedding;
  private final int classes;

  ArcFaceOutput(int embedding, int classes) {
    this.embedding = embedding;
    this.classes = classes;
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return InputType.feedForward(classes);
  }

  @Override
  public void defineParameters(SDLayerParams params) {
    params.addWeightParam("W", embedding, classes);
  }

  @Override
  public void initializeParameters(Map<String, INDArray> params) {
    params.get("W").assign(Nd4j.randn(DataType.FLOAT, embedding, classes).muli(0.01));
  }

  @Override
  public String activationsVertexName() {
    return "logits";
  }

  @Override
  public SDVariable defineLayer(
      SameDiff graph, SDVariable input, SDVariable labels, Map<String, SDVariable> params) {
    SDVariable weights = params.get("W");
    SDVariable cosines = input.div(input.norm2(true, 1)).mmul(weights.div(weights.norm2(true, 0)));
    SDVariable clipped = graph.math().clipByValue(cosines, -LIMIT, LIMIT);
    SDVariable hot =
        graph.oneHot(
            graph.castTo(graph.squeeze(labels, 1), DataType.INT32),
            classes,
            -1,
            1,
            0,
            DataType.FLOAT);
    SDVariable target = clipped.mul(hot).sum(true, 1);
    SDVariable sine = graph.math().sqrt(target.mul(target).rsub(1.0));
    SDVariable moved = target.mul(Math.cos(MARGIN)).sub(sine.mul(Math.sin(MARGIN)));
    SDVariable logits = clipped.add(hot.mul(moved.sub(target))).mul("logits", SCALE);
    return graph.nn().logSoftmax(logits).mul(hot).sum(1).neg().sum("loss");
  }
}
