package io.sparkface.models.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.kernels.AttentionShape.Places;
import io.sparkface.models.layers.ParameterBlock.Part;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
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

/** A small network of what transformers are made of. */
class AttentionLayersTest {
  private static final int CLASSES = 3;

  private static ComputationGraph network(DataType type, boolean learning) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(type)
            .updater(learning ? new Sgd(0.05) : new NoOp())
            .graphBuilder()
            .addInputs("images")
            .addLayer(
                "patches",
                ConvBnAct.of(3, 6).kernel(2).stride(2).bias().withoutBatchNorm().build(),
                "images")
            .addLayer("places", PositionEmbedding.of(3, 4, 6).build(), "patches")
            .addLayer("norm", LayerNorm.of(6).batchNorm(0.9, 1e-5).build(), "places")
            .addLayer("qkv", ConvBnAct.of(6, 18).withoutBatchNorm().build(), "norm")
            .addLayer("attention", SelfAttention.of(3, 4, 2, 3).build(), "qkv")
            .addVertex("sum", new ResidualAdd(), "attention", "places")
            .addLayer("qkv2", ConvBnAct.of(6, 12).withoutBatchNorm().build(), "sum")
            .addLayer(
                "relative", SelfAttention.of(3, 4, 2, 2).places(Places.RELATIVE).build(), "qkv2")
            .addLayer("scaled", ConvBnAct.of(4, 4).scaleFromZero().build(), "relative")
            .addLayer(
                "embedding",
                ConvBnAct.of(4, 5)
                    .kernel(3, 4)
                    .padding(io.sparkface.models.kernels.Padding.VALID)
                    .flatten()
                    .build(),
                "scaled")
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

  private static DataSet batch(DataType type) {
    Nd4j.getRandom().setSeed(2);
    INDArray images = Nd4j.rand(DataType.FLOAT, 4, 6, 8, 3).subi(0.5).muli(2).castTo(type);
    INDArray labels = Nd4j.zeros(type, 4, CLASSES);
    for (int i = 0; i < 4; i++) {
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

  private static void scatter(ComputationGraph net) {
    Nd4j.getRandom().setSeed(8);
    INDArray noise = Nd4j.randn(DataType.FLOAT, net.params().shape()).muli(0.3);
    net.params().addi(noise.castTo(net.params().dataType()));
  }

  @Test
  void gradientsAreFiniteDifferences() {
    ComputationGraph net = network(DataType.DOUBLE, false);
    scatter(net);
    DataSet batch = batch(DataType.DOUBLE);
    loss(net, batch);
    INDArray gradient = net.gradient().gradient().div(4);
    INDArray params = net.params();
    double step = 1e-6;
    // two directions for each part of each layer: a step per parameter would take minutes
    for (org.deeplearning4j.nn.api.Layer layer : net.getLayers()) {
      if (layer.conf().getLayer() instanceof BlockLayer block) {
        for (Part part : block.block().parts()) {
          for (int direction = 0; direction < 2; direction++) {
            INDArray values = block.block().view(layer.paramTable().get(ParameterBlock.KEY), part);
            INDArray before = values.dup('c');
            INDArray along = Nd4j.randn(DataType.DOUBLE, values.shape());
            INDArray whole = params.dup();
            values.addi(along);
            double slope = params.sub(whole).mul(gradient).sumNumber().doubleValue();
            values.assign(before.add(along.mul(step)));
            double above = loss(net, batch);
            values.assign(before.sub(along.mul(step)));
            double below = loss(net, batch);
            values.assign(before);
            assertThat(slope)
                .as("%s of %s", part, block.getLayerName())
                .isCloseTo((above - below) / (2 * step), within(1e-6));
          }
        }
      }
    }
  }

  @Test
  void floatOnOneDnnFollowsDoubleOnNd4j() {
    ComputationGraph precise = network(DataType.DOUBLE, true);
    scatter(precise);
    ComputationGraph fast = network(DataType.FLOAT, true);
    fast.setParams(precise.params().castTo(DataType.FLOAT));
    for (int step = 0; step < 5; step++) {
      precise.fit(batch(DataType.DOUBLE));
      fast.fit(batch(DataType.FLOAT));
      assertThat(fast.score()).isCloseTo(precise.score(), within(1e-3));
    }
    INDArray expected = precise.outputSingle(batch(DataType.DOUBLE).getFeatures());
    INDArray got = fast.outputSingle(batch(DataType.FLOAT).getFeatures());
    assertThat(got.dup('c').data().asDouble())
        .containsExactly(expected.dup('c').data().asDouble(), within(2e-3));
  }

  @Test
  void firstValuesAreAsPublished() {
    ComputationGraph net = network(DataType.FLOAT, true);
    ParameterBlock block = ((BlockLayer) net.getLayer("scaled").conf().getLayer()).block();
    INDArray gamma = block.view(net.getParam("scaled_P"), Part.SCALE_SHIFT).getRow(0);
    assertThat(gamma.sumNumber().doubleValue()).isZero();
    assertThat(net.getParam("places_P").stdNumber().doubleValue()).isBetween(0.01, 0.03);
    assertThat(net.getParam("relative_P").stdNumber().doubleValue()).isBetween(0.4, 1.0);
  }

  @Test
  void configurationSurvivesJson() {
    ComputationGraphConfiguration conf = network(DataType.FLOAT, true).getConfiguration();
    assertThat(ComputationGraphConfiguration.fromJson(conf.toJson())).isEqualTo(conf);
  }
}
