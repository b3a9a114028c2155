package io.sparkface.models.layers;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A plan gives what DL4J's graph gives, for every number of images. */
class InferencePlanTest {
  private static ComputationGraph network(String name, int size, DataType type) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(type)
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(InputType.convolutional(size, size, 3, CNN2DFormat.NHWC));
    NetworkSpec spec = NetworkSpec.of(name, "GDC", 16).withInput(size, size);
    builder.setOutputs(Networks.addTo(builder, spec, "images"));
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    return graph;
  }

  @ParameterizedTest
  @CsvSource({
    "mobilefacenet, 48, FLOAT",
    "mobilenet, 64, FLOAT",
    "r18, 64, FLOAT",
    "resnet50, 64, FLOAT",
    "resnet50v2, 64, FLOAT",
    "se_r18, 64, FLOAT",
    "densenet121, 64, FLOAT",
    "efficientnetb0, 64, FLOAT",
    "mobilenetv3_small, 64, FLOAT",
    "ghostnet, 64, FLOAT",
    "inceptionresnetv2, 96, FLOAT",
    "nasnetmobile, 64, FLOAT",
    "botnet50, 64, FLOAT",
    "vargface, 64, FLOAT",
    "vit_t, 36, FLOAT",
    "mobilefacenet, 32, DOUBLE",
    "se_r18, 32, DOUBLE"
  })
  void agreesWithTheGraph(String name, int size, DataType type) {
    ComputationGraph graph = network(name, size, type);
    int batch = 8;
    InferencePlan plan = InferencePlan.of(graph, "embedding", batch, size, size, 3).orElseThrow();
    for (int images : new int[] {1, 3, 8, 13}) {
      INDArray x = Nd4j.randn(type, images, size, size, 3);
      INDArray expected = graph.output(List.of("embedding"), false, new INDArray[] {x}, null)[0];
      INDArray got = Nd4j.create(type, images, 16);
      plan.run(x, got);
      double error = got.sub(expected).norm2Number().doubleValue();
      assertThat(error / expected.norm2Number().doubleValue())
          .as("%s, %d images", name, images)
          .isLessThan(1e-4);
    }
  }

  @Test
  void smallBatchesHaveASmallPlan() {
    ComputationGraph graph = network("mobilefacenet", 32, DataType.FLOAT);
    InferencePlan plan = InferencePlan.of(graph, "embedding", 1, 32, 32, 3).orElseThrow();
    INDArray x = Nd4j.randn(DataType.FLOAT, 3, 32, 32, 3);
    INDArray got = Nd4j.create(DataType.FLOAT, 3, 16);
    plan.run(x, got);
    INDArray expected = graph.output(List.of("embedding"), false, new INDArray[] {x}, null)[0];
    assertThat(got.equalsWithEps(expected, 1e-4)).isTrue();
  }

  @Test
  void whatOnlyDl4jCanRunHasNoPlan() {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(InputType.convolutional(32, 32, 3, CNN2DFormat.NHWC))
            .addVertex("shifted", new ShiftVertex(1), "images")
            .setOutputs("shifted");
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    assertThat(InferencePlan.of(graph, "shifted", 1, 32, 32, 3)).isEqualTo(Optional.empty());
  }
}
