package io.sparkface.models.interop;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Networks up to their embedding with first values, as those that others' weights go into. */
public final class FreshNetworks {
  private FreshNetworks() {}

  public static ComputationGraph of(NetworkSpec spec, long seed) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(
                InputType.convolutional(spec.height(), spec.width(), 3, CNN2DFormat.NHWC));
    Networks.addTo(graph, spec, "image");
    ComputationGraph network = new ComputationGraph(graph.setOutputs("embedding").build());
    network.init();
    return network;
  }
}
