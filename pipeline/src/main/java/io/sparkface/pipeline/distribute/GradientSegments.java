package io.sparkface.pipeline.distribute;

import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.pipeline.distribute.SparseSum.Segment;
import io.sparkface.pipeline.plan.Distribution.Threshold;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where the arrays of a network lie in its gradient, as {@link SparseSum} deals with them.
 *
 * @param encoded arrays worth encoding
 * @param exact small ones: biases, gammas and betas
 */
record GradientSegments(List<Segment> encoded, List<Segment> exact) {
  /** Numbers below which an array is not worth a threshold. */
  private static final long SMALL = 1024;

  static GradientSegments of(ComputationGraph graph, Threshold threshold) {
    if (threshold == Threshold.NETWORK) {
      return new GradientSegments(List.of(new Segment(0, graph.params().length())), List.of());
    }
    List<Segment> all = new ArrayList<>();
    for (Layer layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof BlockLayer block) {
        INDArray array = layer.getParam(ParameterBlock.KEY);
        for (Part part : block.block().parts()) {
          // running statistics have no gradient
          if (part != Part.STATISTICS) {
            all.add(segment(block.block().view(array, part)));
          }
        }
      } else {
        layer.paramTable().values().forEach(array -> all.add(segment(array)));
      }
    }
    all.sort(Comparator.comparingLong(Segment::from));
    return new GradientSegments(
        all.stream().filter(segment -> segment.length() >= SMALL).toList(),
        all.stream().filter(segment -> segment.length() < SMALL).toList());
  }

  private static Segment segment(INDArray view) {
    return new Segment(view.offset(), view.offset() + view.length());
  }
}
