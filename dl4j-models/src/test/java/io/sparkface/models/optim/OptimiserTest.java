package io.sparkface.models.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.optim.Optimiser.Momentum;
import io.sparkface.models.schedule.Constant;
import io.sparkface.models.schedule.Polynomial;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * Twelve steps from (1, -2, 0.5) along g = (1, 2, 0.5) w + sin(t) (0.1, -0.2, 0.3) at rates 0.1 (1
 * - t / 20), against numpy in double precision after the original's formulas; SGD, Adam, AdamW and
 * rectified Adam were also compared with PyTorch 2.13, which differs by where it adds epsilon, 1e-6
 * at most.
 */
class OptimiserTest {
  private static final int STEPS = 12;
  private static final Polynomial RATE = new Polynomial(.1, 1, 20, 0);

  private static Stream<Arguments> golden() {
    return Stream.of(
        golden(new Optimiser.Sgd(0, Momentum.CLASSIC), 0.402247760, -0.303177606, 0.307702474),
        golden(new Optimiser.Sgd(.9, Momentum.CLASSIC), -0.657770273, -0.058783817, -0.271937972),
        golden(new Optimiser.Sgd(.9, Momentum.NESTEROV), -0.416789980, -0.093296558, -0.211473790),
        golden(Optimiser.sgdw(.9, 5e-3, .1), -0.642708723, -0.072189004, -0.270138732),
        golden(Optimiser.Adam.usual(), 0.192983652, -1.150829222, -0.056394315),
        golden(Optimiser.adamW(5e-3, .1), 0.170924520, -1.084804990, -0.059969863),
        golden(Optimiser.RectifiedAdam.usual(), 0.562963225, -0.493432611, 0.337345829),
        golden(
            new Optimiser.Lookahead(new Optimiser.Sgd(0, Momentum.CLASSIC), 5, .5),
            0.633422877,
            -0.847099920,
            0.398074299),
        golden(Optimiser.ranger(), 0.781139148, -1.245534108, 0.418430836));
  }

  private static Arguments golden(Optimiser optimiser, double... weights) {
    return Arguments.of(optimiser, weights);
  }

  private static INDArray start() {
    return Nd4j.createFromArray(1.0, -2, .5);
  }

  private static INDArray gradient(INDArray w, int t) {
    return Nd4j.createFromArray(1.0, 2, .5)
        .muli(w)
        .addi(Nd4j.createFromArray(.1, -.2, .3).muli(Math.sin(t)));
  }

  /** The order in which DL4J's updater block does it. */
  private static void step(Optimiser optimiser, GradientUpdater<?> updater, INDArray w, int t) {
    INDArray step = gradient(w, t);
    updater.applyUpdater(step, t, 0);
    new DecoupledDecay(optimiser.decayPerRate()).apply(w, step, RATE.valueAt(t, 0), t, 0);
    w.subi(step);
  }

  private static INDArray state(IUpdater updater) {
    long size = updater.stateSize(3);
    return size == 0 ? null : Nd4j.valueArrayOf(new long[] {1, size}, 5.0, DataType.DOUBLE);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void weightsAreTheOriginals(Optimiser optimiser, double[] expected) {
    IUpdater config = optimiser.updater(RATE);
    INDArray state = state(config);
    GradientUpdater<?> updater = config.instantiate(state, state != null);
    INDArray w = start();
    for (int t = 0; t < STEPS; t++) {
      step(optimiser, updater, w, t);
    }
    assertThat(w.toDoubleVector()).containsExactly(expected, within(2e-8));
  }

  /** What a checkpoint does: the state array alone is enough to go on. */
  @ParameterizedTest
  @MethodSource("golden")
  void goesOnFromTheStateArray(Optimiser optimiser, double[] expected) {
    IUpdater config = optimiser.updater(RATE);
    INDArray state = state(config);
    GradientUpdater<?> updater = config.instantiate(state, state != null);
    INDArray w = start();
    for (int t = 0; t < STEPS; t++) {
      if (t == 7 && state != null) {
        state = state.dup();
        updater = config.clone().instantiate(state, false);
      }
      step(optimiser, updater, w, t);
    }
    assertThat(w.toDoubleVector()).containsExactly(expected, within(2e-8));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void comesBackFromJson(Optimiser optimiser, double[] expected) {
    NeuralNetConfiguration.Builder network = new NeuralNetConfiguration.Builder();
    optimiser.applyTo(network, RATE);
    ComputationGraphConfiguration configuration = line(network, 3);
    ComputationGraphConfiguration read =
        ComputationGraphConfiguration.fromJson(configuration.toJson());
    assertThat(read).isEqualTo(configuration);
    ComputationGraph graph = new ComputationGraph(read);
    graph.init();
    assertThat(graph.getLayer(0).conf().getLayer().getUpdaterByParam("W"))
        .isEqualTo(optimiser.updater(RATE));
  }

  /** y = Wx, half the squared error. */
  private static ComputationGraphConfiguration line(
      NeuralNetConfiguration.Builder network, int width) {
    ComputationGraphConfiguration line =
        network
            .dataType(DataType.DOUBLE)
            .weightInit(WeightInit.ONES)
            .graphBuilder()
            .addInputs("x")
            .addLayer(
                "y",
                new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                    .nIn(width)
                    .nOut(1)
                    .hasBias(false)
                    .activation(Activation.IDENTITY)
                    .build(),
                "x")
            .setOutputs("y")
            .build();
    // DL4J M2.1 lists the network's decay twice in its own layers; ours see to that themselves
    BaseLayer layer =
        (BaseLayer) ((LayerVertex) line.getVertices().get("y")).getLayerConf().getLayer();
    layer.setRegularization(
        layer.getRegularization().stream().distinct().collect(Collectors.toList()));
    return line;
  }

  private static MultiDataSet batch() {
    return new MultiDataSet(
        Nd4j.createFromArray(new double[][] {{1, 2, 0}, {0, 1, -1}}),
        Nd4j.createFromArray(new double[][] {{1}, {-1}}));
  }

  private static ComputationGraph graph(Optimiser optimiser, GradientClipping clipping) {
    NeuralNetConfiguration.Builder network = new NeuralNetConfiguration.Builder();
    optimiser.applyTo(network, new Constant(.1));
    clipping.applyTo(network);
    ComputationGraph graph = new ComputationGraph(line(network, 3));
    graph.init();
    clipping.listener().ifPresent(graph::addListeners);
    return graph;
  }

  private static INDArray moved(Optimiser optimiser, GradientClipping clipping) {
    ComputationGraph graph = graph(optimiser, clipping);
    graph.fit(batch());
    return graph.params().reshape(3).rsub(1);
  }

  private static final Optimiser PLAIN = new Optimiser.Sgd(0, Momentum.CLASSIC);

  /** At W = (1, 1, 1) the errors are 2 and 1, so the mean gradient of MSE is (2, 5, -1). */
  @Test
  void gradientsAreClippedAsSaid() {
    assertThat(moved(PLAIN, new GradientClipping.None()).toDoubleVector())
        .containsExactly(new double[] {.2, .5, -.1}, within(1e-9));
    assertThat(moved(PLAIN, new GradientClipping.Value(1.5)).toDoubleVector())
        .containsExactly(new double[] {.15, .15, -.1}, within(1e-9));
    double norm = Math.sqrt(30);
    double[] shortened = {.2 / norm, .5 / norm, -.1 / norm};
    assertThat(moved(PLAIN, new GradientClipping.Norm(1)).toDoubleVector())
        .containsExactly(shortened, within(1e-9));
    assertThat(moved(PLAIN, new GradientClipping.GlobalNorm(1)).toDoubleVector())
        .containsExactly(shortened, within(1e-9));
    assertThat(moved(PLAIN, new GradientClipping.GlobalNorm(6)).toDoubleVector())
        .containsExactly(new double[] {.2, .5, -.1}, within(1e-9));
  }

  @Test
  void decayIsBesideTheGradient() {
    Optimiser decayed = new Optimiser.Decoupled(PLAIN, .01, .2);
    assertThat(moved(decayed, new GradientClipping.None()).toDoubleVector())
        .containsExactly(new double[] {.205, .505, -.095}, within(1e-9));
  }

  /** e = 0.05 g / |g|; at w + e the errors are 2 + 12 k and 1 + 6 k with k = 0.05 / |g|. */
  @Test
  void sharpnessAwareStepsLookUphill() {
    ComputationGraph graph =
        graph(new Optimiser.Decoupled(PLAIN, .01, .2), new GradientClipping.None());
    new SharpnessAwareStep(graph, .05).fit(batch());
    double k = .05 / Math.sqrt(30);
    double first = 2 + 12 * k;
    double second = 1 + 6 * k;
    assertThat(graph.params().reshape(3).rsub(1).toDoubleVector())
        .containsExactly(
            new double[] {.1 * first + .005, .1 * (2 * first + second) + .005, -.1 * second + .005},
            within(1e-9));
    assertThat(graph.getIterationCount()).isEqualTo(1);
  }
}
