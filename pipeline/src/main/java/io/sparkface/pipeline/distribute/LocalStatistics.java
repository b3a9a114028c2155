package io.sparkface.pipeline.distribute;

import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Running means and variances of batch normalisation, which each worker gathers from its own
 * images: the only parameters in which workers differ. They are brought to their mean.
 */
final class LocalStatistics {
  private LocalStatistics() {}

  static void merge(ComputationGraph graph, Ring ring) throws IOException {
    List<INDArray> parts = of(graph);
    long length = parts.stream().mapToLong(INDArray::length).sum();
    if (length == 0) {
      return;
    }
    INDArray all = Nd4j.createUninitialized(DataType.FLOAT, length);
    long at = 0;
    for (INDArray part : parts) {
      range(all, at, part).assign(part.reshape(part.length()));
      at += part.length();
    }
    ring.sum(HostFloats.of(all));
    all.divi(ring.size());
    at = 0;
    for (INDArray part : parts) {
      part.assign(range(all, at, part).reshape(part.shape()));
      at += part.length();
    }
  }

  private static INDArray range(INDArray all, long from, INDArray part) {
    return all.get(NDArrayIndex.interval(from, from + part.length()));
  }

  private static List<INDArray> of(ComputationGraph graph) {
    List<INDArray> found = new ArrayList<>();
    for (Layer layer : graph.getLayers()) {
      // a frozen layer is no BlockLayer here, and gathers nothing
      if (layer.conf().getLayer() instanceof BlockLayer block
          && block.block().length(Part.STATISTICS) > 0) {
        found.add(block.block().view(layer.getParam(ParameterBlock.KEY), Part.STATISTICS));
      }
    }
    return found;
  }
}
