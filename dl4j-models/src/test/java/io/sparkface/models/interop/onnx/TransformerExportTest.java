package io.sparkface.models.interop.onnx;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.AttentionShape.Places;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.LayerNorm;
import io.sparkface.models.layers.PositionEmbedding;
import io.sparkface.models.layers.SelfAttention;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Attention, layer normalisation and positions compute in ONNX Runtime what they do here. */
class TransformerExportTest {
  @Test
  void runtimeComputesTheSame() {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(9)
            .dataType(DataType.FLOAT)
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(32, 40, 3, CNN2DFormat.NHWC))
            .addLayer(
                "patches",
                ConvBnAct.of(3, 6).kernel(8).stride(8).padding(Padding.VALID).build(),
                "image")
            .addLayer("places", PositionEmbedding.of(4, 5, 6).build(), "patches")
            .addLayer("norm", LayerNorm.of(6).batchNorm(0.9, 1e-5).build(), "places")
            .addLayer("qkv", ConvBnAct.of(6, 18).build(), "norm")
            .addLayer("attention", SelfAttention.of(4, 5, 2, 3).build(), "qkv")
            .addLayer("qkv2", ConvBnAct.of(6, 24).build(), "attention")
            .addLayer(
                "relative", SelfAttention.of(4, 5, 2, 4).places(Places.RELATIVE).build(), "qkv2")
            .addLayer(
                "embedding",
                ConvBnAct.of(8, 7).kernel(4, 5).padding(Padding.VALID).flatten().build(),
                "relative")
            .setOutputs("embedding");
    ComputationGraph network = new ComputationGraph(graph.build());
    Nd4j.getRandom().setSeed(9);
    network.init();
    network.params().addi(Nd4j.rand(DataType.FLOAT, network.params().shape()).muli(0.4));
    NetworkSpec spec = NetworkSpec.of("vit_t", "F", 7).withInput(32, 40);
    INDArray images = Nd4j.rand(DataType.FLOAT, 2, 32, 40, 3).subi(0.5).muli(2);
    INDArray turned = images.permute(0, 3, 1, 2).dup('c');
    OnnxModel model =
        OnnxModel.read(
            NetworkExport.of(network, spec, PixelInput.NORMALISED, Optional.empty()).bytes(),
            "memory");
    try (OnnxNetwork onnx = OnnxNetwork.open(model, "memory", 1)) {
      float[][] found =
          onnx.first(
                  new OnnxNetwork.Values(
                      turned.shape(), turned.reshape(turned.length()).toFloatVector()))
              .rows();
      // six channels can vary so little that the normalisation enlarges float32's rounding
      NetworkExportTest.assertClose(found, network.outputSingle(images).toFloatMatrix(), 1e-4);
    }
  }
}
