package io.sparkface.models.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.ParameterBlock.Part;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** A small network with every kind of layer: gradients, JSON, weight decay, clones, inference. */
class FusedLayersTest {
  private static final int CLASSES = 3;

  private static ComputationGraph network(
      DataType type, IUpdater updater, double decay, WorkspaceMode mode) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(type)
            .updater(updater)
            .weightDecay(decay)
            .trainingWorkspaceMode(mode)
            .inferenceWorkspaceMode(mode)
            .graphBuilder()
            .addInputs("images");
    graph
        .addLayer(
            "stem",
            ConvBnAct.of(3, 4)
                .kernel(3)
                .stride(2)
                .act(Activation.PRELU)
                .withoutInputGradient()
                .build(),
            "images")
        .addLayer(
            "depthwise", ConvBnAct.of(4, 4).kernel(3).groups(4).withoutBatchNorm().build(), "stem")
        .addLayer("norm", BatchNormAct.of(4).act(Activation.SWISH).build(), "depthwise")
        .addLayer(
            "grouped",
            ConvBnAct.of(4, 4)
                .kernel(3)
                .groups(2)
                .padding(Padding.SYMMETRIC)
                .act(Activation.RELU)
                .build(),
            "norm")
        .addVertex("add", new ResidualAdd(), "grouped", "stem")
        .addLayer(
            "deep", ConvBnAct.of(4, 6).kernel(3).stride(2).act(Activation.RELU6).build(), "add")
        .addLayer("pool", GlobalAveragePool.of(6), "deep")
        .addLayer("embedding", ConvBnAct.of(6, 5).padding(Padding.VALID).flatten().build(), "pool")
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

  private static ComputationGraph network(DataType type) {
    return network(type, new Sgd(0.1), 0, WorkspaceMode.ENABLED);
  }

  private static DataSet batch(DataType type, int size) {
    Nd4j.getRandom().setSeed(2);
    INDArray images = Nd4j.rand(DataType.FLOAT, size, 9, 8, 3).subi(0.5).castTo(type);
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
    ComputationGraph net = network(DataType.DOUBLE, new NoOp(), 0, WorkspaceMode.ENABLED);
    DataSet batch = batch(DataType.DOUBLE, 4);
    // away from the first values, where gamma and beta hide mistakes
    net.params().addi(Nd4j.randn(DataType.DOUBLE, net.params().shape()).muli(0.2));
    loss(net, batch);
    // DL4J divides by the batch size in the updater only
    INDArray gradient = net.gradient().gradient().div(4);
    INDArray params = net.params();
    double step = 1e-6;
    for (long i = 0; i < params.length(); i++) {
      double value = params.getDouble(i);
      params.putScalar(i, value + step);
      double above = loss(net, batch);
      params.putScalar(i, value - step);
      double below = loss(net, batch);
      params.putScalar(i, value);
      assertThat(gradient.getDouble(i))
          .as("parameter %d", i)
          .isCloseTo((above - below) / (2 * step), within(2e-6));
    }
  }

  @Test
  void floatOnOneDnnFollowsDoubleOnNd4j() {
    for (int size : new int[] {1, 5}) {
      ComputationGraph precise = network(DataType.DOUBLE);
      ComputationGraph fast = network(DataType.FLOAT);
      fast.setParams(precise.params().castTo(DataType.FLOAT));
      for (int step = 0; step < 5; step++) {
        precise.fit(batch(DataType.DOUBLE, size));
        fast.fit(batch(DataType.FLOAT, size));
        assertThat(fast.score()).isCloseTo(precise.score(), within(1e-3));
      }
      INDArray expected = precise.outputSingle(batch(DataType.DOUBLE, size).getFeatures());
      INDArray got = fast.outputSingle(batch(DataType.FLOAT, size).getFeatures());
      assertThat(got.dup('c').data().asDouble())
          .containsExactly(expected.dup('c').data().asDouble(), within(2e-3));
    }
  }

  @Test
  void workspacesChangeNothing() {
    ComputationGraph with = network(DataType.FLOAT);
    ComputationGraph without = network(DataType.FLOAT, new Sgd(0.1), 0, WorkspaceMode.NONE);
    for (int step = 0; step < 3; step++) {
      with.fit(batch(DataType.FLOAT, 5));
      without.fit(batch(DataType.FLOAT, 5));
    }
    assertThat(with.params()).isEqualTo(without.params());
  }

  @Test
  void configurationSurvivesJson() {
    ComputationGraphConfiguration conf = network(DataType.FLOAT).getConfiguration();
    ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(conf.toJson());
    assertThat(read).isEqualTo(conf);
    ConvBnAct stem = (ConvBnAct) layer(read, "stem");
    assertThat(stem.act()).isEqualTo(Activation.PRELU);
    assertThat(stem.inputGradient()).isFalse();
    assertThat(stem.shape(1, 9, 8).outHeight()).isEqualTo(5);
    assertThat(((ConvBnAct) layer(read, "embedding")).flat()).isTrue();
    assertThat(((ConvBnAct) layer(read, "depthwise")).normalised()).isFalse();
  }

  @Test
  void clonesTrainOnTheirOwn() {
    ComputationGraph net = network(DataType.FLOAT);
    net.fit(batch(DataType.FLOAT, 5));
    ComputationGraph copy = net.clone();
    INDArray before = net.params().dup();
    copy.fit(batch(DataType.FLOAT, 5));
    assertThat(net.params()).isEqualTo(before);
    assertThat(copy.params()).isNotEqualTo(before);
    net.fit(batch(DataType.FLOAT, 5));
    assertThat(net.params()).isEqualTo(copy.params());
  }

  @Test
  void weightDecayReachesKernelsOnly() {
    ComputationGraph plain = network(DataType.FLOAT, new Sgd(0.1), 0, WorkspaceMode.ENABLED);
    ComputationGraph decayed = network(DataType.FLOAT, new Sgd(0.1), 0.5, WorkspaceMode.ENABLED);
    INDArray first = plain.params().dup();
    plain.fit(batch(DataType.FLOAT, 5));
    decayed.fit(batch(DataType.FLOAT, 5));
    ParameterBlock block = ((ConvBnAct) layer(plain.getConfiguration(), "stem")).block();
    for (Part part : block.parts()) {
      INDArray without = block.view(plain.getParam("stem_P"), part);
      INDArray with = block.view(decayed.getParam("stem_P"), part);
      if (part == Part.KERNEL) {
        INDArray start = block.view(first, part);
        assertThat(with.equalsWithEps(without.sub(start.mul(0.05)), 1e-5)).isTrue();
      } else {
        assertThat(with).as("%s", part).isEqualTo(without);
      }
    }
  }

  @Test
  void trainingModeOutputLeavesStatisticsAlone() {
    ComputationGraph net = network(DataType.FLOAT);
    INDArray before = net.params().dup();
    net.output(true, batch(DataType.FLOAT, 5).getFeatures());
    net.feedForward(batch(DataType.FLOAT, 5).getFeatures(), false);
    assertThat(net.params()).isEqualTo(before);
    net.fit(batch(DataType.FLOAT, 5));
    ParameterBlock block = ((ConvBnAct) layer(net.getConfiguration(), "stem")).block();
    assertThat(block.view(net.getParam("stem_P"), Part.STATISTICS))
        .isNotEqualTo(block.view(before, Part.STATISTICS));
  }

  @Test
  void inferenceNoticesNewParametersAndShapes() {
    ComputationGraph net = network(DataType.FLOAT);
    INDArray images = batch(DataType.FLOAT, 5).getFeatures();
    INDArray before = net.outputSingle(images).dup();
    net.fit(batch(DataType.FLOAT, 5));
    INDArray after = net.outputSingle(images).dup();
    assertThat(after).isNotEqualTo(before);
    INDArray one = net.outputSingle(images.get(NDArrayIndex.interval(0, 1)).dup());
    assertThat(one.getRow(0).equalsWithEps(after.getRow(0), 1e-5)).isTrue();
    INDArray fed = net.feedForward(images, false).get("softmax");
    assertThat(fed.equalsWithEps(after, 1e-6)).isTrue();
  }

  private static org.deeplearning4j.nn.conf.layers.Layer layer(
      ComputationGraphConfiguration conf, String name) {
    return ((org.deeplearning4j.nn.conf.graph.LayerVertex) conf.getVertices().get(name))
        .getLayerConf()
        .getLayer();
  }
}
