package io.sparkface.models.interop.torch;

import io.sparkface.models.interop.Tensor;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Networks of convolutions and normalisations as PyTorch would save them. */
final class StateDicts {
  private StateDicts() {}

  static Map<String, Tensor> ofOwnNames(ComputationGraph graph) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    graph
        .getConfiguration()
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex inner
                  && inner.getLayerConf().getLayer() instanceof BlockLayer layer) {
                add(state, name, layer.block(), graph.getLayer(name).getParam(ParameterBlock.KEY));
              }
            });
    return state;
  }

  private static void add(
      Map<String, Tensor> state, String name, ParameterBlock block, INDArray parameters) {
    for (Part part : block.parts()) {
      INDArray view = block.view(parameters, part);
      switch (part) {
        case KERNEL -> state.put(name + ".conv.weight", tensor(view.permute(3, 2, 0, 1)));
        case BIAS -> state.put(name + ".conv.bias", tensor(view));
        case ALPHA -> state.put(name + ".prelu.weight", tensor(view));
        case SCALE_SHIFT -> {
          state.put(name + ".bn.weight", tensor(view.getRow(0)));
          state.put(name + ".bn.bias", tensor(view.getRow(1)));
        }
        case SHIFT -> state.put(name + ".bn.bias", tensor(view));
        case STATISTICS -> {
          state.put(name + ".bn.running_mean", tensor(view.getRow(0)));
          state.put(name + ".bn.running_var", tensor(view.getRow(1)));
        }
        default -> throw new IllegalArgumentException(part.toString());
      }
    }
  }

  private static Tensor tensor(INDArray values) {
    INDArray copy = values.dup('c');
    return new Tensor(copy.shape(), copy.reshape(copy.length()).toFloatVector());
  }
}
