package io.sparkface.models.layers;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The channels of all inputs one behind the other. DL4J's own MergeVertex hands back gradients that
 * are strided views, which kernels cannot read.
 */
public final class Concat extends ParameterFreeVertex {
  private static final long serialVersionUID = 1L;

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType type) {
    return new ConcatVertex(graph, name, index, type);
  }

  @Override
  public InputType getOutputType(int index, InputType... inputs) {
    var first = BlockLayer.image(inputs[0]);
    long channels =
        Arrays.stream(inputs).mapToLong(input -> BlockLayer.image(input).getChannels()).sum();
    return InputType.convolutional(first.getHeight(), first.getWidth(), channels, CNN2DFormat.NHWC);
  }

  @Override
  public int maxVertexInputs() {
    return Integer.MAX_VALUE;
  }

  @Override
  public GraphVertex clone() {
    return new Concat();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Concat;
  }

  @Override
  public int hashCode() {
    return Concat.class.hashCode();
  }
}
