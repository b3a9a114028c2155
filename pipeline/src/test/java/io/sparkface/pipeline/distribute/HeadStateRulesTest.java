package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.HeadComputation;
import io.sparkface.models.heads.HeadParameter;
import io.sparkface.models.heads.Merge;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.margin.CurricularFace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Workers agree on what heads remember, by each state's own rule. */
class HeadStateRulesTest {
  private static final int CLASSES = 40;
  private static final int WIDTH = 6;

  /** Remembers something of each kind. */
  static final class Remembering extends Head {
    private static final long serialVersionUID = 1L;

    Remembering() {
      super(WIDTH, CLASSES);
    }

    @Override
    public List<HeadParameter> parameters() {
      return List.of(
          HeadParameter.trained("W", WIDTH, CLASSES),
          HeadParameter.state("average", Merge.MEAN, 3),
          HeadParameter.state("centres", Merge.SUM_OF_CHANGES, CLASSES, WIDTH),
          HeadParameter.state("newest", Merge.FIRST_CHANGE, CLASSES, WIDTH));
    }

    @Override
    protected void initialise(Map<String, INDArray> parameters) {
      parameters.values().forEach(array -> array.assign(1));
    }

    @Override
    protected HeadComputation computation() {
      throw new UnsupportedOperationException();
    }
  }

  private static ComputationGraph network(Head head) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(WIDTH))
                .addLayer("out", head, "in")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void byTheRuleOfEachArray(int workers) throws Exception {
    List<ComputationGraph> graphs = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      graphs.add(network(new Remembering()));
    }
    InRing.run(
        workers,
        Duration.ofSeconds(20),
        (rank, ring) -> {
          ComputationGraph graph = graphs.get(rank);
          HeadStates heads = new HeadStates(graph, ring);
          // twice: what was agreed on is where the next step begins
          for (int step = 0; step < 2; step++) {
            graph.getParam("out_average").addi(rank);
            graph.getParam("out_centres").getRow(7).addi(rank + 1);
            graph.getParam("out_centres").getRow(20 + rank).addi(5);
            graph.getParam("out_newest").getRow(39).assign(10 * (step + 1) + rank);
            heads.merge();
          }
        });
    INDArray first = graphs.get(0).params();
    int pulls = workers * (workers + 1) / 2;
    for (ComputationGraph graph : graphs) {
      assertThat(graph.params().equalsWithEps(first, 0)).isTrue();
      assertThat(graph.getParam("out_average").getFloat(1)).isEqualTo(1 + 2 * (workers - 1) / 2f);
      assertThat(graph.getParam("out_centres").getFloat(7, 2)).isEqualTo(1 + 2 * pulls);
      assertThat(graph.getParam("out_centres").getFloat(20 + workers - 1, 0)).isEqualTo(11);
      assertThat(graph.getParam("out_centres").getFloat(0, 0)).isEqualTo(1);
      assertThat(graph.getParam("out_newest").getFloat(39, 3)).isEqualTo(20);
    }
  }

  @Test
  void aMovingAverageOfTwoWorkersIsThatOfOneWithBothShares() throws Exception {
    List<ComputationGraph> graphs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      graphs.add(network(new CosineHead(WIDTH, CLASSES, 1, new CurricularFace(0.3, 16, 16))));
    }
    Nd4j.getRandom().setSeed(5);
    INDArray images = Nd4j.randn(DataType.FLOAT, 8, WIDTH);
    INDArray labels = Nd4j.createFromArray(0f, 1, 2, 3, 4, 5, 6, 7).reshape(8, 1);
    step(graphs.get(2), images, labels, 0, 8);
    InRing.run(
        2,
        Duration.ofSeconds(20),
        (rank, ring) -> {
          ComputationGraph graph = graphs.get(rank);
          HeadStates heads = new HeadStates(graph, ring);
          step(graph, images, labels, 4 * rank, 4 * rank + 4);
          heads.merge();
        });
    float whole = graphs.get(2).getParam("out_S").getFloat(0);
    float begin =
        network(new CosineHead(WIDTH, CLASSES, 1, new CurricularFace(0.3, 16, 16)))
            .getParam("out_S")
            .getFloat(0);
    assertThat(whole).isNotEqualTo(begin);
    for (ComputationGraph graph : graphs) {
      assertThat(graph.getParam("out_S").getFloat(0))
          .isCloseTo(whole, org.assertj.core.data.Offset.offset(1e-6f));
    }
  }

  private static void step(
      ComputationGraph graph, INDArray images, INDArray labels, int from, int to) {
    graph.setInputs(rows(images, from, to));
    graph.setLabels(rows(labels, from, to));
    graph.computeGradientAndScore();
  }

  private static INDArray rows(INDArray matrix, int from, int to) {
    return matrix.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(from, to)).dup('c');
  }
}
