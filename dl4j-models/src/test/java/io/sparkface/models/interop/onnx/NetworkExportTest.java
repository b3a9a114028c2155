package io.sparkface.models.interop.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.models.HeadOptions;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import io.sparkface.models.Surgery;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import java.util.Optional;
import onnx.OnnxMl.NodeProto;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NetworkExportTest {
  private static final int BATCH = 3;

  private static GraphBuilder builder(NetworkSpec spec) {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .dataType(DataType.FLOAT)
        .graphBuilder()
        .addInputs("image")
        .setInputTypes(InputType.convolutional(spec.height(), spec.width(), 3, CNN2DFormat.NHWC));
  }

  /** A network with every parameter at a value of its own, statistics included. */
  static ComputationGraph network(NetworkSpec spec) {
    GraphBuilder graph = builder(spec);
    Networks.addTo(graph, spec, "image");
    ComputationGraph network = new ComputationGraph(graph.setOutputs("embedding").build());
    network.init();
    Nd4j.getRandom().setSeed(11);
    network
        .getConfiguration()
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex layer
                  && layer.getLayerConf().getLayer() instanceof BlockLayer block) {
                INDArray values = network.getParam(name + "_P");
                varied(block.block().view(values, Part.SCALE_SHIFT), 0.5);
                varied(block.block().view(values, Part.STATISTICS), 0.5);
                varied(block.block().view(values, Part.ALPHA), 0.3);
              }
            });
    return network;
  }

  private static void varied(INDArray values, double width) {
    if (values != null) {
      values.addi(Nd4j.rand(values.dataType(), values.shape()).subi(0.5).muli(width));
    }
  }

  private static INDArray images(NetworkSpec spec) {
    Nd4j.getRandom().setSeed(3);
    return Nd4j.rand(DataType.FLOAT, BATCH, spec.height(), spec.width(), 3).subi(0.5).muli(2);
  }

  private static OnnxNetwork.Values nchw(INDArray nhwc) {
    INDArray turned = nhwc.permute(0, 3, 1, 2).dup('c');
    return new OnnxNetwork.Values(turned.shape(), turned.reshape(turned.length()).toFloatVector());
  }

  private static float[][] run(OnnxModel model, OnnxNetwork.Values images) {
    OnnxModel read = OnnxModel.read(model.bytes(), "memory");
    try (OnnxNetwork network = OnnxNetwork.open(read, "memory", 1)) {
      return network.first(images).rows();
    }
  }

  /** Close relative to the largest number expected. */
  static void assertClose(float[][] found, float[][] expected, double tolerance) {
    assertThat(found).hasDimensions(expected.length, expected[0].length);
    double largest = 1;
    for (float[] row : expected) {
      for (float value : row) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    for (int i = 0; i < expected.length; i++) {
      for (int d = 0; d < expected[i].length; d++) {
        assertThat((double) found[i][d]).isCloseTo(expected[i][d], within(tolerance * largest));
      }
    }
  }

  static double cosine(float[] a, float[] b) {
    double product = 0;
    double squares = 0;
    double others = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      squares += a[i] * a[i];
      others += b[i] * b[i];
    }
    return product / Math.sqrt(squares * others);
  }

  @ParameterizedTest
  @CsvSource({
    "mobilefacenet,GDC",
    "mobilenet,GAP",
    "r18,E",
    "mobilefacenet,F",
    "se_mobilefacenet,GDC",
    "mobilenetv3_small,E",
    "ghostnet,GDC",
    "efficientnetb0,GAP"
  })
  void onnxRuntimeGivesTheSameEmbeddings(String backbone, String head) {
    NetworkSpec spec = NetworkSpec.of(backbone, head, 16).withInput(48, 64);
    ComputationGraph network = network(spec);
    INDArray images = images(spec);
    float[][] expected = network.outputSingle(images).toFloatMatrix();
    OnnxModel model = NetworkExport.of(network, spec, PixelInput.NORMALISED, Optional.empty());
    assertThat(model.opset()).isEqualTo(OnnxGraph.OPSET);
    assertClose(run(model, nchw(images)), expected, 1e-4);

    OnnxModel folded = BatchNormFolding.of(model);
    assertThat(nodes(folded, "BatchNormalization")).isLessThan(nodes(model, "BatchNormalization"));
    assertClose(run(folded, nchw(images)), expected, 1e-4);

    if (backbone.equals("ghostnet")) {
      // with chance weights its embeddings are below what half precision can say
      return;
    }
    float[][] halves = run(Float16.of(model, "memory"), nchw(images));
    for (int i = 0; i < BATCH; i++) {
      assertThat(cosine(halves[i], expected[i])).isGreaterThan(0.999).isLessThanOrEqualTo(1 + 1e-9);
    }
  }

  /** A head without gamma, with a bias, behind a pooled, padded, concatenated network. */
  @ParameterizedTest
  @CsvSource({"resnet50v2,LEAKY_RELU", "densenet121,ACON_C"})
  void everyKindOfLayerIsWritten(String backbone, Activation activation) {
    NetworkSpec spec =
        NetworkSpec.of(backbone, "GAP", 4)
            .withInput(48, 48)
            .with(new HeadOptions(0, Activation.RELU, true, false))
            .with(Surgery.NONE.withInsteadOfRelu(activation).withSurvival(1, 0.8));
    ComputationGraph network = network(spec);
    INDArray images = images(spec);
    float[][] expected = network.outputSingle(images).toFloatMatrix();
    OnnxModel model = NetworkExport.of(network, spec, PixelInput.NORMALISED, Optional.empty());
    assertClose(run(model, nchw(images)), expected, 1e-4);
    assertClose(run(BatchNormFolding.of(model), nchw(images)), expected, 1e-4);
  }

  private static long nodes(OnnxModel model, String operator) {
    return model.proto().getGraph().getNodeList().stream()
        .map(NodeProto::getOpType)
        .filter(operator::equals)
        .count();
  }

  @Test
  void everyNormalisationBehindAConvolutionIsFolded() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 16).withInput(32, 32);
    OnnxModel model =
        NetworkExport.of(network(spec), spec, PixelInput.NORMALISED, Optional.empty());
    assertThat(nodes(BatchNormFolding.of(model), "BatchNormalization")).isZero();
  }

  @Test
  void pixelsCanBeScaledByTheNetwork() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 16).withInput(32, 32);
    ComputationGraph network = network(spec);
    INDArray pixels = Nd4j.rand(DataType.FLOAT, BATCH, 32, 32, 3).muli(255);
    float[][] expected = network.outputSingle(pixels.sub(127.5).div(128)).toFloatMatrix();
    OnnxModel model = NetworkExport.of(network, spec, PixelInput.RAW, Optional.empty());
    assertClose(run(model, nchw(pixels)), expected, 1e-4);
  }

  @Test
  void theHeadAnswersTheLargestCosineOfEachIdentity() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 4).withInput(32, 32);
    ComputationGraph network = network(spec);
    INDArray images = images(spec);
    INDArray weights = Nd4j.rand(DataType.FLOAT, 4, 6).subi(0.5);
    OnnxModel model =
        NetworkExport.of(
            network, spec, PixelInput.NORMALISED, Optional.of(new CosineOutput(weights, 2)));
    float[][] embeddings = network.outputSingle(images).toFloatMatrix();
    try (OnnxNetwork runtime = OnnxNetwork.open(model, "memory", 1)) {
      var all = runtime.all(nchw(images));
      assertThat(all.keySet()).containsExactly("embedding", "cosines");
      float[][] cosines = all.get("cosines").rows();
      for (int i = 0; i < BATCH; i++) {
        for (int identity = 0; identity < 3; identity++) {
          double first = cosine(embeddings[i], weights.getColumn(2 * identity).toFloatVector());
          double second =
              cosine(embeddings[i], weights.getColumn(2 * identity + 1).toFloatVector());
          assertThat((double) cosines[i][identity])
              .isCloseTo(Math.max(first, second), within(1e-5));
        }
      }
    }
  }

  @Test
  void aLayerThatIsNotKnownIsRefusedByName() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 4).withInput(32, 32);
    GraphBuilder graph = builder(spec);
    graph.addVertex("halved", new ShiftVertex(0.5), "image");
    Networks.addTo(graph, spec, "halved");
    ComputationGraph network = new ComputationGraph(graph.setOutputs("embedding").build());
    network.init();
    assertThatThrownBy(
            () -> NetworkExport.of(network, spec, PixelInput.NORMALISED, Optional.empty()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("ShiftVertex")
        .hasMessageContaining("'halved'");
  }

  @Test
  void modelsWithExternalDataAreRefused() {
    OnnxGraph graph = new OnnxGraph("g");
    graph.input("x", 1);
    graph.add("Add", "y", List.of("x", graph.scalar("one", 1)));
    graph.output("y", 1);
    var proto = graph.model().proto().toBuilder();
    proto
        .getGraphBuilder()
        .getInitializerBuilder(0)
        .clearRawData()
        .setDataLocation(onnx.OnnxMl.TensorProto.DataLocation.EXTERNAL)
        .addExternalData(
            onnx.OnnxMl.StringStringEntryProto.newBuilder()
                .setKey("location")
                .setValue("../../etc/passwd"));
    byte[] bytes = proto.build().toByteArray();
    assertThatThrownBy(() -> OnnxModel.read(bytes, "evil.onnx"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'one'")
        .hasMessageContaining("../../etc/passwd");
  }

  @Test
  void bytesThatAreNoModelAreRefused() {
    assertThatThrownBy(() -> OnnxModel.read(new byte[] {1, 2, 3, 4}, "x.onnx"))
        .isInstanceOf(UserError.class);
    assertThatThrownBy(() -> OnnxModel.read(new byte[0], "x.onnx")).isInstanceOf(UserError.class);
  }
}
