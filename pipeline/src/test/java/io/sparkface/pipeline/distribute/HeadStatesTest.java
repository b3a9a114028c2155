package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.auxiliary.CentreHead;
import io.sparkface.models.heads.Head;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.margin.CurricularFace;
import io.sparkface.models.margin.PrototypeQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** After each step all workers remember the same. */
class HeadStatesTest {
  private static final int CLASSES = 4;
  private static final float[][] X = {{1, 2}, {-1, 1}, {3, 1}, {.5f, -1}, {2, 2}, {-2, 1}};

  /** Class 1 is met by the first and the last worker, class 3 by none. */
  private static final float[][] LABELS = {{0}, {1}, {2}, {0}, {1}, {2}};

  private static ComputationGraph network(Head head) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.FLOAT)
                .updater(new Sgd(0))
                .graphBuilder()
                .addInputs("x")
                .setInputTypes(InputType.feedForward(2))
                .addLayer("head", head, "x")
                .setOutputs("head")
                .build());
    graph.init();
    return graph;
  }

  /** What each of {@code workers} remembers after steps on its part of the rows. */
  private static List<Map<String, INDArray>> after(Head head, int workers, int steps)
      throws Exception {
    List<ComputationGraph> graphs = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      graphs.add(network((Head) head.clone()));
    }
    Map<Integer, Map<String, INDArray>> found = new ConcurrentHashMap<>();
    RingTest.inRing(
        workers,
        Duration.ofSeconds(60),
        (rank, ring) -> {
          ComputationGraph graph = graphs.get(rank);
          HeadStates states = new HeadStates(graph, ring, rank);
          int share = X.length / workers;
          float[][] x = Arrays.copyOfRange(X, rank * share, (rank + 1) * share);
          float[][] labels = Arrays.copyOfRange(LABELS, rank * share, (rank + 1) * share);
          for (int step = 0; step < steps; step++) {
            graph.fit(
                new MultiDataSet(
                    new INDArray[] {Nd4j.createFromArray(x)},
                    new INDArray[] {Nd4j.createFromArray(labels)}));
            states.merge();
          }
          found.put(rank, graph.getLayer("head").paramTable());
        });
    List<Map<String, INDArray>> inOrder = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      inOrder.add(found.get(rank));
    }
    inOrder.forEach(
        each ->
            each.forEach(
                (name, value) -> assertThat(value).as(name).isEqualTo(inOrder.get(0).get(name))));
    return inOrder;
  }

  @Test
  void meansAreTaken() throws Exception {
    // equal shares of the batch: the mean of means is that of all
    CosineHead head = new CosineHead(2, CLASSES, 1, new CurricularFace(.5, 8, 0));
    double one = after(head, 1, 2).get(0).get(CosineHead.STATE).getDouble(0);
    for (int workers : new int[] {2, 3}) {
      assertThat(after(head, workers, 2).get(0).get(CosineHead.STATE).getDouble(0))
          .isCloseTo(one, within(1e-7));
    }
  }

  @Test
  void changesOfCentresAreAddedUp() throws Exception {
    CentreHead head = new CentreHead(2, CLASSES, .5, CentreHead.Distance.EUCLIDEAN);
    INDArray centres = after(head, 3, 2).get(0).get(CentreHead.CENTRES);
    // each class twice, on two workers: c += .25 ((a - c) + (b - c)), twice, from 0
    INDArray sum = Nd4j.createFromArray(new float[][] {{1.5f, 1}, {1, 3}, {1, 2}, {0, 0}});
    assertThat(centres.sub(sum.mul(.25 + .25 * .5)).amaxNumber().doubleValue()).isLessThan(1e-6);
  }

  @Test
  void theFirstWorkersNewestEmbeddingIsKept() throws Exception {
    CosineHead head =
        new CosineHead(2, CLASSES, 1, new CurricularFace(.5, 8, 0)).with(new PrototypeQueue(1, 9));
    Map<String, INDArray> state = after(head, 3, 1).get(0);
    INDArray first = network(head).getParam("head_" + CosineHead.FEATURES);
    INDArray queue = state.get(CosineHead.FEATURES);
    for (int row = 0; row < 3; row++) {
      INDArray x = Nd4j.createFromArray(X[row]);
      assertThat(queue.getRow(row).sub(x.div(x.norm2Number())).amaxNumber().doubleValue())
          .as("class %d", row)
          .isLessThan(1e-6);
    }
    assertThat(queue.getRow(3)).isEqualTo(first.getRow(3));
    assertThat(state.get(CosineHead.UPDATED).reshape(-1).toDoubleVector())
        .containsExactly(1, 1, 1, 0);
    assertThat(state.get(CosineHead.STEPS).getDouble(0)).isEqualTo(1);
  }
}
