package io.sparkface.models.margin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.heads.HeadStep;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

class CosineHeadTest {
  private static final int WIDTH = 3;
  private static final int CLASSES = 5;
  private static final double[][] LABELS = {
    {0, 0, 1}, {2, 1, .7}, {4, 4, 1}, {0, 3, .2}, {1, 1, 1}, {2, 2, 1}
  };
  private static final ClassSampling ALL = new ClassSampling.All();

  private static CosineHead head(Margin margin, int subCentres, ClassSampling sampling) {
    return new CosineHead(WIDTH, CLASSES, subCentres, MarginLoss.of(margin), sampling);
  }

  private static Stream<CosineHead> heads() {
    return Stream.of(
        head(new NormSoftmax(8), 1, ALL),
        head(new ArcFace(1, .5, 0, 8), 1, ALL),
        head(new ArcFace(1, .5, 0, 8), 3, ALL),
        head(new ArcFaceSimple(.5, 8), 1, ALL),
        head(new CosFace(.35, 8), 3, ALL),
        head(new AirFace(.4, 8), 1, ALL),
        head(new AcrTrip(.5, 8), 1, ALL),
        head(new AcrTrip(.5, 8), 3, new ClassSampling.Share(.9, 1)),
        head(new MagFace(1, 3, .45, .8, 5, MagFace.Kind.ANGLE, 8), 1, ALL),
        head(new MagFace(1, 3, .45, .8, 5, MagFace.Kind.COSINE, 8), 3, ALL),
        new CosineHead(
            WIDTH,
            CLASSES,
            1,
            new MarginLoss(new CosFace(.35, 8), .1, .6),
            new ClassSampling.Share(.2, 1)));
  }

  /** Gradients to the sub-centres and to the embeddings, one of which is almost zero. */
  @ParameterizedTest
  @MethodSource("heads")
  void gradientsAreThoseOfFiniteDifferences(CosineHead head) {
    Random random = new Random(3);
    INDArray x = normal(random, LABELS.length, WIDTH);
    x.getRow(4).muli(1e-4);
    INDArray w = normal(random, (int) head.parameters().get(0).shape()[0], weightColumns(head));
    w.getColumn(1).muli(1e-4);
    Pass pass = new Pass(head, x, w);
    pass.run();
    compare(pass, x, pass.inputGradient.dup());
    compare(pass, w, pass.gradient.dup());
  }

  private static int weightColumns(CosineHead head) {
    return (int) head.parameters().get(0).shape()[1];
  }

  private static INDArray normal(Random random, int rows, int columns) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return Nd4j.createFromArray(values);
  }

  private static void compare(Pass pass, INDArray moved, INDArray gradient) {
    for (int i = 0; i < moved.size(0); i++) {
      for (int j = 0; j < moved.size(1); j++) {
        double at = moved.getDouble(i, j);
        double step = Math.abs(at) < 1e-2 ? 1e-8 : 1e-6;
        moved.putScalar(i, j, at + step);
        double above = pass.run();
        moved.putScalar(i, j, at - step);
        double below = pass.run();
        moved.putScalar(i, j, at);
        double difference = (above - below) / (2 * step);
        assertThat(gradient.getDouble(i, j))
            .as("row %d, column %d", i, j)
            .isCloseTo(difference, within(1e-5 * Math.max(1, Math.abs(difference))));
      }
    }
  }

  private static final class Pass {
    private final CosineHead head;
    private final INDArray x;
    private final INDArray w;
    private final INDArray gradient;
    private final INDArray inputGradient;

    Pass(CosineHead head, INDArray x, INDArray w) {
      this.head = head;
      this.x = x;
      this.w = w;
      gradient = Nd4j.valueArrayOf(w.shape(), 77.0, DataType.DOUBLE);
      inputGradient = Nd4j.valueArrayOf(x.shape(), 77.0, DataType.DOUBLE);
    }

    double run() {
      return head.computation()
          .backward(
              new HeadStep(
                  x,
                  Nd4j.createFromArray(LABELS),
                  Map.of(CosineHead.WEIGHTS, w),
                  Map.of(CosineHead.WEIGHTS, gradient),
                  inputGradient,
                  7));
    }
  }

  @Test
  void theNearestOfTheSubCentresCounts() {
    INDArray embedding = Nd4j.createFromArray(new double[][] {{1, 0}});
    // class 0: (0,1) and (1,0); class 1: (-1,0) and (0,-1)
    INDArray weights = Nd4j.createFromArray(new double[][] {{0, 1, -1, 0}, {1, 0, 0, -1}});
    INDArray cosines =
        new CosineHead(2, 2, 2, new CosFace(0, 1))
            .computation()
            .activate(embedding, Map.of(CosineHead.WEIGHTS, weights));
    assertThat(cosines.toDoubleVector()).containsExactly(new double[] {1, 0}, within(1e-9));
  }

  @Test
  void hardnessComparesTheHardestPositiveAndNegative() {
    INDArray unit =
        Nd4j.createFromArray(new double[][] {{1, 0, 0}, {.8, .6, 0}, {0, 1, 0}, {0, .6, .8}});
    assertThat(new BatchHardness(unit, new int[] {0, 1, 0, 1}).values())
        .containsExactly(new double[] {.8, .44, .6, .24}, within(1e-12));
    assertThat(new BatchHardness(unit, new int[] {0, 0, 0, 0}).values()).containsOnly(0);
  }

  @Test
  void onlySampledClassesGetGradients() {
    CosineHead head = head(new CosFace(.35, 8), 2, new ClassSampling.Split(2));
    Random random = new Random(1);
    INDArray gradient = Nd4j.valueArrayOf(new long[] {WIDTH, 10}, 77.0, DataType.DOUBLE);
    INDArray x = normal(random, 2, WIDTH);
    head.computation()
        .backward(
            new HeadStep(
                x,
                Nd4j.createFromArray(new double[][] {{3}, {4}}),
                Map.of(CosineHead.WEIGHTS, normal(random, WIDTH, 10)),
                Map.of(CosineHead.WEIGHTS, gradient),
                x.ulike(),
                0));
    double[] perColumn =
        org.nd4j.linalg.ops.transforms.Transforms.abs(gradient).sum(0).toDoubleVector();
    // classes 0 and 1 are the other part; 2, 3 and 4 this one, each with one winner per row
    assertThat(perColumn[0] + perColumn[1] + perColumn[2] + perColumn[3]).isZero();
    for (int c = 2; c < CLASSES; c++) {
      assertThat(perColumn[2 * c] + perColumn[2 * c + 1]).isPositive();
    }
  }

  private static ComputationGraph network(CosineHead head) {
    ComputationGraphConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(DataType.FLOAT)
            .updater(new Sgd(.05))
            .l2(1e-3)
            .graphBuilder()
            .addInputs("x")
            .setInputTypes(InputType.feedForward(4))
            .addLayer(
                "embedding",
                new DenseLayer.Builder().nOut(WIDTH).activation(Activation.IDENTITY).build(),
                "x")
            .addLayer("margin", head, "embedding")
            .setOutputs("margin")
            .build();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    return graph;
  }

  private static DataSet batch() {
    Random random = new Random(9);
    return new DataSet(
        normal(random, 5, 4).castTo(DataType.FLOAT),
        Nd4j.createFromArray(new float[][] {{0}, {1}, {2}, {3}, {4}}));
  }

  private static Stream<CosineHead> trained() {
    return Stream.of(
        head(new ArcFace(1, .3, 0, 8), 1, ALL),
        head(new CurricularFace(.3, 8, 0), 2, ALL),
        head(new AdaFace(.4, .333, .01, 8), 1, new ClassSampling.Share(.5, 1)),
        head(new AdaCos(CLASSES, Math.PI / 4), 1, ALL));
  }

  @ParameterizedTest
  @MethodSource("trained")
  void aNetworkLearnsWithIt(CosineHead head) {
    ComputationGraph graph = network(head);
    DataSet batch = batch();
    Map<String, INDArray> before = new HashMap<>();
    graph.paramTable().forEach((name, array) -> before.put(name, array.dup()));
    double first = graph.score(batch, true);
    assertThat(graph.paramTable())
        .allSatisfy((name, a) -> assertThat(a).isEqualTo(before.get(name)));
    graph.fit(batch);
    assertThat(graph.score()).isCloseTo(first, within(1e-5));
    assertThat(graph.paramTable())
        .allSatisfy((name, a) -> assertThat(a).isNotEqualTo(before.get(name)));
    for (int step = 0; step < 400; step++) {
      graph.fit(batch);
    }
    if (!(head.parameters().size() > 1)) {
      assertThat(graph.score()).isLessThan(first / 2);
    }
    assertThat(graph.outputSingle(batch.getFeatures()).argMax(1).toIntVector())
        .containsExactly(0, 1, 2, 3, 4);
  }

  /** State is neither decayed nor trained, and travels with the parameters. */
  @Test
  void stateIsAParameterOfItsOwn() {
    CosineHead head = head(new AdaFace(.4, .333, .01, 8), 1, ALL);
    ComputationGraph graph = network(head);
    INDArray state = graph.paramTable().get("margin_S");
    // names in order: deviation, mean
    assertThat(state.toDoubleVector()).containsExactly(100, 20);
    INDArray norms = graph.feedForward(batch().getFeatures(), false).get("embedding").norm2(1);
    graph.fit(batch());
    assertThat(state.getDouble(1))
        .isCloseTo(.99 * 20 + .01 * norms.meanNumber().doubleValue(), within(1e-4));
  }

  @ParameterizedTest
  @MethodSource("trained")
  void comesBackFromJson(CosineHead head) {
    ComputationGraph graph = network(head);
    String json = graph.getConfiguration().toJson();
    ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(json);
    assertThat(read).isEqualTo(graph.getConfiguration());
    ComputationGraph second = new ComputationGraph(read);
    second.init();
    assertThat(second.numParams()).isEqualTo(graph.numParams());
  }

  @Test
  void headDecayReplacesTheNetworks() {
    CosineHead head = head(new NormSoftmax(8), 1, ALL);
    head.decay(HeadDecay.l2(2, 5e-4));
    ComputationGraph graph = network(head);
    assertThat(graph.getLayer("margin").conf().getLayer().getRegularizationByParam("W"))
        .containsExactly(new org.nd4j.linalg.learning.regularization.L2Regularization(1e-3));
    assertThat(HeadDecay.l2(0, 5e-4)).isZero();
    assertThat(HeadDecay.l2(.3, 5e-4)).isEqualTo(.3);
    assertThat(HeadDecay.l2(1, 5e-4)).isEqualTo(5e-4);
  }

  @Test
  void samplesArePositivesAndAShareOfTheRest() {
    ClassSampling.Share share = new ClassSampling.Share(.1, 42);
    SoftLabels labels = SoftLabels.of(7, 900, 7, 13);
    int[] chosen = share.choose(1000, labels, 3);
    assertThat(chosen).hasSize(100).contains(7, 13, 900).isSorted().doesNotHaveDuplicates();
    assertThat(share.choose(1000, labels, 3)).isEqualTo(chosen);
    assertThat(share.choose(1000, labels, 4)).isNotEqualTo(chosen);
    int[] seen = new int[1000];
    for (int iteration = 0; iteration < 2000; iteration++) {
      for (int c : share.choose(1000, labels, iteration)) {
        seen[c]++;
      }
    }
    // 97 of 997 strangers a step: 194.6 expected, deviation 13.3
    for (int c = 0; c < 1000; c++) {
      if (c != 7 && c != 13 && c != 900) {
        assertThat(seen[c]).isBetween(130, 260);
      }
    }
    assertThat(new ClassSampling.Share(.001, 1).choose(1000, labels, 0))
        .containsExactly(7, 13, 900);
  }

  @Test
  void partsCoverAllClassesAndRefuseMixedBatches() {
    ClassSampling.Split split = new ClassSampling.Split(4);
    assertThat(split.choose(10, SoftLabels.of(2, 3), 0)).containsExactly(2, 3);
    assertThat(split.choose(10, SoftLabels.of(9), 0)).containsExactly(6, 7, 8, 9);
    assertThatThrownBy(() -> split.choose(10, SoftLabels.of(0, 9), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two parts");
  }
}
