package io.sparkface.models.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Gate;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.kernels.PoolingShape.Kind;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.EnumSet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** What the less common families are made of, in one small network. */
class BlocksTest {
  private static final int CLASSES = 3;

  private static ComputationGraph network(DataType type, boolean learning, double decay) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(type)
            .updater(learning ? new Sgd(0.1) : new NoOp())
            .l2(decay)
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(
                InputType.convolutional(9, 8, 3, org.deeplearning4j.nn.conf.CNN2DFormat.NHWC));
    graph
        .addLayer(
            "plain",
            ConvBnAct.of(3, 6)
                .kernel(3)
                .bias()
                .withoutBatchNorm()
                .act(Activation.LEAKY_RELU)
                .decayed(EnumSet.of(Part.KERNEL, Part.BIAS))
                .build(),
            "images")
        .addLayer("max", Pool.of(Kind.MAX, 3, 2, Padding.SYMMETRIC), "plain")
        .addLayer("mean", Pool.of(Kind.AVERAGE, 3, 2, Padding.SAME), "plain")
        .addVertex("joined", new Concat(), "max", "mean")
        .addLayer("norm", BatchNormAct.of(12).withoutScale().build(), "joined")
        .addLayer("acon", Activate.of(12, Activation.ACON_C).build(), "norm")
        .addLayer(
            "squeezed",
            SqueezeExcite.of(12, 4).act(Activation.PRELU).gate(Gate.SIGMOID).build(),
            "acon")
        .addLayer(
            "biased", ConvBnAct.of(12, 5).bias().act(Activation.HARD_SWISH).build(), "squeezed")
        .addLayer(
            "hard", SqueezeExcite.of(5, 3).gate(Gate.HARD_SIGMOID).withoutBias().build(), "biased")
        .addLayer("steep", SqueezeExcite.of(5, 2).gate(Gate.STEEP_HARD_SIGMOID).build(), "hard")
        .addVertex("deep", new StochasticDepth(StochasticDepth.Kept.PER_IMAGE, 1), "steep", "hard")
        .addLayer("moved", ZeroPad.of(-1, 1), "deep")
        .addLayer("padded", ZeroPad.of(1, 0), "moved")
        .addLayer("relu", Activate.of(5, Activation.SWISH).build(), "padded")
        .addLayer(
            "projection", ConvBnAct.of(5, 4).stride(2).bias().withoutBatchNorm().build(), "relu")
        .addLayer("pool", GlobalAveragePool.of(4), "projection")
        .addLayer(
            "embedding",
            ConvBnAct.of(4, 5).padding(Padding.VALID).withoutScale().flatten().build(),
            "pool")
        .addLayer(
            "softmax",
            new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(5)
                .nOut(CLASSES)
                .activation(org.nd4j.linalg.activations.Activation.SOFTMAX)
                .build(),
            "embedding")
        .setOutputs("softmax");
    ComputationGraph result = new ComputationGraph(graph.build());
    result.init();
    return result;
  }

  private static DataSet batch(DataType type, int size) {
    Nd4j.getRandom().setSeed(2);
    INDArray images = Nd4j.rand(DataType.FLOAT, size, 9, 8, 3).subi(0.5).muli(2).castTo(type);
    INDArray labels = Nd4j.zeros(type, size, CLASSES);
    for (int i = 0; i < size; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return new DataSet(images, labels);
  }

  private static double loss(ComputationGraph net, DataSet batch) {
    net.setInputs(batch.getFeatures());
    net.setLabels(batch.getLabels());
    net.computeGradientAndScore();
    return net.score();
  }

  @Test
  void gradientsAreFiniteDifferences() {
    ComputationGraph net = network(DataType.DOUBLE, false, 0);
    DataSet batch = batch(DataType.DOUBLE, 4);
    net.params().addi(Nd4j.randn(DataType.DOUBLE, net.params().shape()).muli(0.2));
    loss(net, batch);
    INDArray gradient = net.gradient().gradient().div(4);
    // one direction for each part of each layer: a step per parameter would take a minute
    INDArray params = net.params();
    double step = 1e-6;
    long offset = 0;
    for (org.deeplearning4j.nn.api.Layer layer : net.getLayers()) {
      if (layer.conf().getLayer() instanceof BlockLayer block) {
        for (Part part : block.block().parts()) {
          INDArray direction = Nd4j.zeros(DataType.DOUBLE, params.shape());
          INDArray view =
              block
                  .block()
                  .view(direction.get(all(), interval(offset, offset + layer.numParams())), part);
          view.assign(Nd4j.randn(DataType.DOUBLE, view.shape()));
          double slope = gradient.reshape(params.shape()).mul(direction).sumNumber().doubleValue();
          params.addi(direction.mul(step));
          double above = loss(net, batch);
          params.subi(direction.mul(2 * step));
          double below = loss(net, batch);
          params.addi(direction.mul(step));
          assertThat(slope)
              .as("%s of %s", part, block.getLayerName())
              .isCloseTo((above - below) / (2 * step), within(1e-5));
        }
      }
      offset += layer.numParams();
    }
    assertThat(offset).isEqualTo(params.length());
  }

  @Test
  void floatOnOneDnnFollowsDoubleOnNd4j() {
    ComputationGraph precise = network(DataType.DOUBLE, true, 0);
    ComputationGraph fast = network(DataType.FLOAT, true, 0);
    fast.setParams(precise.params().castTo(DataType.FLOAT));
    for (int step = 0; step < 5; step++) {
      precise.fit(batch(DataType.DOUBLE, 5));
      fast.fit(batch(DataType.FLOAT, 5));
      assertThat(fast.score()).isCloseTo(precise.score(), within(1e-3));
    }
    INDArray expected = precise.outputSingle(batch(DataType.DOUBLE, 5).getFeatures());
    INDArray got = fast.outputSingle(batch(DataType.FLOAT, 5).getFeatures());
    assertThat(got.dup('c').data().asDouble())
        .containsExactly(expected.dup('c').data().asDouble(), within(2e-3));
  }

  @Test
  void trainedStatisticsReproduceTheBatch() {
    // momentum 0.99: after many steps without learning, inference is what training mode computes
    ComputationGraph net = network(DataType.FLOAT, false, 0);
    DataSet batch = batch(DataType.FLOAT, 32);
    for (int step = 0; step < 600; step++) {
      net.fit(batch);
    }
    INDArray training = net.output(true, batch.getFeatures())[0];
    INDArray inference = net.outputSingle(batch.getFeatures());
    assertThat(inference.equalsWithEps(training, 0.03)).isTrue();
  }

  @Test
  void decayReachesWhatItIsToldTo() {
    ComputationGraph plain = network(DataType.FLOAT, true, 0);
    ComputationGraph decayed = network(DataType.FLOAT, true, 0.5);
    decayed.setParams(plain.params().addi(0.1).dup());
    INDArray first = plain.getParam("plain_P").dup();
    INDArray gates = plain.getParam("squeezed_P").dup();
    plain.fit(batch(DataType.FLOAT, 5));
    decayed.fit(batch(DataType.FLOAT, 5));
    INDArray bias = first.get(interval(3 * 3 * 3 * 6, 168));
    assertThat(bias.length()).isEqualTo(6);
    INDArray expected = plain.getParam("plain_P").sub(first.mul(0.05));
    assertThat(decayed.getParam("plain_P").equalsWithEps(expected, 1e-5)).isTrue();
    INDArray shrunk = decayed.getParam("squeezed_P").sub(plain.getParam("squeezed_P"));
    INDArray kernels = gates.mul(-0.05);
    kernels.get(interval(2 * 12 * 4, gates.length())).assign(0);
    assertThat(shrunk.equalsWithEps(kernels, 1e-5)).isTrue();
  }

  @Test
  void configurationSurvivesJson() {
    ComputationGraphConfiguration conf = network(DataType.FLOAT, true, 0.1).getConfiguration();
    ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(conf.toJson());
    assertThat(read).isEqualTo(conf);
    ComputationGraph net = new ComputationGraph(read);
    net.init();
    assertThat(net.numParams()).isEqualTo(network(DataType.FLOAT, true, 0).numParams());
  }

  @Test
  void depthIsDroppedAtTheGivenRate() {
    for (StochasticDepth.Kept kept : StochasticDepth.Kept.values()) {
      GraphBuilder graph =
          new NeuralNetConfiguration.Builder()
              .dataType(DataType.FLOAT)
              .updater(new NoOp())
              .graphBuilder()
              .addInputs("branch", "shortcut")
              .addVertex("deep", new StochasticDepth(kept, 0.8), "branch", "shortcut")
              .setOutputs("deep");
      ComputationGraph net = new ComputationGraph(graph.build());
      net.init();
      INDArray branch = Nd4j.ones(DataType.FLOAT, 50, 1, 1, 2);
      INDArray shortcut = Nd4j.ones(DataType.FLOAT, 50, 1, 1, 2).muli(10);
      boolean whole = kept == StochasticDepth.Kept.PER_BATCH;
      double sum = 0;
      for (int i = 0; i < 200; i++) {
        INDArray y = net.output(true, branch, shortcut)[0];
        for (double value :
            new double[] {y.minNumber().doubleValue(), y.maxNumber().doubleValue()}) {
          assertThat(value == 10 || Math.abs(value - (whole ? 11 : 11.25)) < 1e-5).isTrue();
        }
        sum += y.meanNumber().doubleValue() - 10;
      }
      assertThat(sum / 200).isCloseTo(whole ? 0.8 : 1, within(0.1));
      double inference = net.output(false, branch, shortcut)[0].meanNumber().doubleValue();
      assertThat(inference).isCloseTo(whole ? 10.8 : 11, within(1e-5));
    }
  }
}
