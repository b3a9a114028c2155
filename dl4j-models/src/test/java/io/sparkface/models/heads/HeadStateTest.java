package io.sparkface.models.heads;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.models.auxiliary.CentreHead;
import io.sparkface.models.margin.AdaFace;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.margin.Margin;
import io.sparkface.models.margin.PrototypeQueue;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.NoOp;

/** What a head remembers is no trained weight: the optimiser keeps nothing for it. */
class HeadStateTest {
  private static final int WIDTH = 3;
  private static final int CLASSES = 5;

  private static Stream<Arguments> heads() {
    Margin arcFace = new ArcFace(1, .5, 0, 8);
    Margin adaFace = new AdaFace(.4, .333, .01, 8);
    int queue = CLASSES * WIDTH + CLASSES + 1;
    return Stream.of(
        Arguments.of(new CosineHead(WIDTH, CLASSES, 1, arcFace), WIDTH * CLASSES, 0),
        Arguments.of(new CosineHead(WIDTH, CLASSES, 2, adaFace), 2 * WIDTH * CLASSES, 2),
        Arguments.of(
            new CosineHead(WIDTH, CLASSES, 1, arcFace).with(new PrototypeQueue(1, 9)),
            WIDTH * CLASSES,
            queue),
        Arguments.of(
            new CentreHead(WIDTH, CLASSES, .5, CentreHead.Distance.EUCLIDEAN), 0, WIDTH * CLASSES));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void stateIsNotTrained(Head head, int trained, int state) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .updater(new Adam(.1))
                .l2(1)
                .graphBuilder()
                .addInputs("x")
                .setInputTypes(InputType.feedForward(4))
                .addLayer("embedding", new DenseLayer.Builder().nOut(WIDTH).build(), "x")
                .addLayer("head", head, "embedding")
                .setOutputs("head")
                .build());
    graph.init();
    int network = 4 * WIDTH + WIDTH;
    assertThat(head.trainedNumbers()).isEqualTo(trained);
    assertThat(graph.numParams()).isEqualTo(network + trained + state);
    assertThat(graph.getUpdater().getStateViewArray().length()).isEqualTo(2L * (network + trained));
    head.state()
        .keySet()
        .forEach(
            name -> {
              assertThat(head.getUpdaterByParam(name)).isEqualTo(new NoOp());
              assertThat(head.initializer().isWeightParam(head, name)).isFalse();
              assertThat(head.getRegularizationByParam(name)).isNull();
            });
  }
}
