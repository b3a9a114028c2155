package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class NetworksTest {
  static final int CLASSES = 4;
  private static final int BATCH = 8;

  static ComputationGraph classifier(NetworkSpec spec) {
    ComputationGraphConfiguration.GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .dataType(DataType.FLOAT)
            .updater(new Nesterovs(0.05, 0.9))
            .graphBuilder()
            .addInputs("images");
    String embedding = Networks.addTo(graph, spec, "images");
    graph
        .addLayer(
            "softmax",
            new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(spec.embeddingSize())
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build(),
            embedding)
        .setOutputs("softmax");
    ComputationGraph result = new ComputationGraph(graph.build());
    result.init();
    return result;
  }

  static DataSet faces(int size) {
    Nd4j.getRandom().setSeed(3);
    INDArray images = Nd4j.rand(DataType.FLOAT, BATCH, size, size, 3).subi(0.5);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, CLASSES);
    for (int i = 0; i < BATCH; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return new DataSet(images, labels);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GDC", "E", "GAP", "F"})
  void learnsAFewFacesByHeart(String head) {
    ComputationGraph net = classifier(NetworkSpec.of("mobilefacenet", head, 32).withInput(56, 56));
    DataSet faces = faces(56);
    double first = net.score(faces, true);
    for (int step = 0; step < 15; step++) {
      net.fit(faces);
    }
    assertThat(net.score()).isLessThan(first / 4);
    INDArray embedding =
        net.output(List.of("embedding"), false, new INDArray[] {faces.getFeatures()}, null)[0];
    assertThat(embedding.shape()).containsExactly(BATCH, 32);
    assertThat(embedding.isNaN().any()).isFalse();
  }

  @Test
  void unknownNamesGetAdvice() {
    assertThatThrownBy(() -> classifier(NetworkSpec.of("mobilefacenett", "GDC", 32)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("did you mean 'mobilefacenet'?");
    assertThatThrownBy(() -> classifier(NetworkSpec.of("mobilefacenet", "GDCC", 32)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("did you mean 'GDC'?");
  }
}
