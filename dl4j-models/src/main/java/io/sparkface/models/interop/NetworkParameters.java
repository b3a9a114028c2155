package io.sparkface.models.interop;

import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one layer of a network up to its embedding has learnt, to be read or set.
 *
 * @param vertex the layer's name in the graph
 * @param values a view, as {@code layer.block()} divides it
 */
public record NetworkParameters(String vertex, BlockLayer layer, INDArray values) {

  /** All layers that learn, in the order in which the network was put together. */
  public static List<NetworkParameters> of(ComputationGraph graph) {
    List<NetworkParameters> found = new ArrayList<>();
    graph
        .getConfiguration()
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex inner
                  && trained(inner.getLayerConf().getLayer()) instanceof BlockLayer layer
                  && layer.block().length() > 0) {
                INDArray values = graph.getLayer(name).getParam(ParameterBlock.KEY);
                found.add(new NetworkParameters(name, layer, values));
              }
            });
    return found;
  }

  private static Layer trained(Layer layer) {
    return layer instanceof FrozenLayer frozen ? frozen.getLayer() : layer;
  }
}
