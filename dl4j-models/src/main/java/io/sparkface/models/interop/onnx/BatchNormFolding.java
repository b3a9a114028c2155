package io.sparkface.models.interop.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.NodeProto;
import onnx.OnnxMl.TensorProto;

/**
 * Multiplies batch normalisations into the convolutions before them: kernel' = kernel * gamma /
 * sqrt(variance + epsilon), bias' = (bias - mean) * gamma / sqrt(variance + epsilon) + beta. One
 * that follows no convolution, or one whose convolution has other readers, stays as it is.
 */
public final class BatchNormFolding {
  private final GraphProto graph;
  private final GraphIndex index;
  private final Map<String, TensorProto> added = new HashMap<>();
  private final Set<String> dropped = new HashSet<>();

  private BatchNormFolding(GraphProto graph) {
    this.graph = graph;
    this.index = new GraphIndex(graph);
  }

  /** The same network with fewer nodes. */
  public static OnnxModel of(OnnxModel model) {
    GraphProto folded = new BatchNormFolding(model.proto().getGraph()).fold();
    return new OnnxModel(model.proto().toBuilder().setGraph(folded).build());
  }

  private GraphProto fold() {
    Map<String, NodeProto> replaced = new HashMap<>();
    Set<String> gone = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      NodeProto convolution = foldable(node);
      if (convolution != null) {
        replaced.put(node.getOutput(0), folded(convolution, node));
        gone.add(convolution.getOutput(0));
      }
    }
    List<NodeProto> nodes = new ArrayList<>();
    for (NodeProto node : graph.getNodeList()) {
      if (!gone.contains(node.getOutput(0))) {
        nodes.add(replaced.getOrDefault(node.getOutput(0), node));
      }
    }
    GraphProto.Builder result = graph.toBuilder().clearNode().addAllNode(nodes).clearInitializer();
    graph.getInitializerList().stream()
        .filter(tensor -> !dropped.contains(tensor.getName()))
        .forEach(result::addInitializer);
    return result.addAllInitializer(added.values()).clearValueInfo().build();
  }

  /** The convolution that {@code node} can be multiplied into, or null. */
  private NodeProto foldable(NodeProto node) {
    if (!node.getOpType().equals("BatchNormalization")
        || node.getOutputCount() != 1
        || node.getInputCount() < 1
        || Attributes.number(node, "training_mode", 0) != 0) {
      return null;
    }
    NodeProto before = index.producer(node.getInput(0));
    boolean fits =
        before != null
            && before.getOpType().equals("Conv")
            && index.uses(before.getOutput(0)) == 1
            && !index.isOutput(before.getOutput(0))
            && constants(before, node)
            // a kernel that two convolutions share would change for both
            && index.uses(before.getInput(1)) == 1;
    return fits ? before : null;
  }

  /** Whether all weights of both are known, a number for each channel. */
  private boolean constants(NodeProto convolution, NodeProto normalisation) {
    TensorProto kernel =
        convolution.getInputCount() > 1 ? index.floats(convolution.getInput(1)) : null;
    if (kernel == null || kernel.getDimsCount() < 2 || normalisation.getInputCount() != 5) {
      return false;
    }
    long channels = kernel.getDims(0);
    boolean biased =
        convolution.getInputCount() < 3 || index.hasFloats(convolution.getInput(2), channels);
    return channels > 0
        && biased
        && normalisation.getInputList().subList(1, 5).stream()
            .allMatch(name -> index.hasFloats(name, channels));
  }

  private NodeProto folded(NodeProto convolution, NodeProto normalisation) {
    float[] gamma = values(normalisation, 1);
    float[] beta = values(normalisation, 2);
    float[] mean = values(normalisation, 3);
    float[] variance = values(normalisation, 4);
    double epsilon = Attributes.real(normalisation, "epsilon", 1e-5);
    TensorProto kernel = index.floats(convolution.getInput(1));
    float[] weights = Tensors.floats(kernel);
    float[] bias =
        convolution.getInputCount() > 2 ? values(convolution, 2) : new float[gamma.length];
    int perChannel = weights.length / gamma.length;
    for (int c = 0; c < gamma.length; c++) {
      double factor = gamma[c] / Math.sqrt(variance[c] + epsilon);
      for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
        weights[i] = (float) (weights[i] * factor);
      }
      bias[c] = (float) ((bias[c] - mean[c]) * factor + beta[c]);
    }
    String result = normalisation.getOutput(0);
    TensorProto newKernel =
        Tensors.floats(result + "_folded_kernel", weights, Tensors.shape(kernel));
    TensorProto newBias = Tensors.floats(result + "_folded_bias", bias, bias.length);
    added.put(newKernel.getName(), newKernel);
    added.put(newBias.getName(), newBias);
    dropped.addAll(convolution.getInputList().subList(1, convolution.getInputCount()));
    normalisation.getInputList().subList(1, 5).stream()
        .filter(name -> index.uses(name) == 1)
        .forEach(dropped::add);
    dropped.removeIf(name -> index.uses(name) > 1);
    return convolution.toBuilder()
        .clearInput()
        .addInput(convolution.getInput(0))
        .addInput(newKernel.getName())
        .addInput(newBias.getName())
        .clearOutput()
        .addOutput(result)
        .build();
  }

  private float[] values(NodeProto node, int input) {
    return Tensors.floats(index.floats(node.getInput(input)));
  }
}
