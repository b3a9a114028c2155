package io.sparkface.models.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.optim.ClassicMomentum;
import io.sparkface.models.schedule.Constant;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * From the same weights on the same batches training follows PyTorch. {@code losses.py} beside this
 * class's resources made the expected values with PyTorch 2.13, which in double differ from them by
 * less than 1e-6: a small scale keeps the steps short, so that rounding is not blown up.
 */
class LossCurveTest {
  private static final double[] EXPECTED = {
    4.457951, 4.661544, 4.327679, 4.392097, 4.528269, 4.514824, 4.454239, 4.314445,
    4.596030, 4.367251, 4.334855, 4.290627, 4.392760, 4.231484, 4.372316, 4.201121,
    4.268077, 3.952322, 4.435577, 3.685584
  };

  private static final int BATCH = 32;

  private int state = 12345;

  @Test
  void theFirstTwentyLossesAreThoseOfPyTorch() {
    ComputationGraph graph = new ComputationGraph(network().build());
    graph.init();
    for (String layer : List.of("stem", "dw", "widen", "unit", "gdc", "dense")) {
      ConvBnAct conf = (ConvBnAct) graph.getLayer(layer).conf().getLayer();
      INDArray kernel = conf.block().view(graph.getLayer(layer).params(), Part.KERNEL);
      double fan = kernel.size(0) * kernel.size(1) * kernel.size(2);
      kernel.assign(numbers(kernel.shape()).divi(Math.sqrt(fan)));
    }
    graph.getLayer("head").paramTable().get(CosineHead.WEIGHTS).assign(numbers(12, 10));
    for (int step = 0; step < EXPECTED.length; step++) {
      INDArray labels = Nd4j.create(DataType.FLOAT, BATCH, 1);
      INDArray images = numbers(BATCH, 16, 16, 3);
      for (int i = 0; i < BATCH; i++) {
        labels.putScalar(i, 0, i * (step + 1) % 10);
      }
      graph.fit(new DataSet(images, labels));
      assertThat(graph.score())
          .as("loss of step " + step)
          .isCloseTo(EXPECTED[step], within(1e-3 * EXPECTED[step]));
    }
  }

  private static GraphBuilder network() {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.FLOAT)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .updater(new ClassicMomentum(new Constant(0.05), 0.9))
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(InputType.convolutional(16, 16, 3, CNN2DFormat.NHWC));
    graph.addLayer(
        "stem",
        ConvBnAct.of(3, 8)
            .kernel(3)
            .stride(2)
            .padding(Padding.SYMMETRIC)
            .act(Activation.PRELU)
            .withoutInputGradient()
            .build(),
        "images");
    graph.addLayer(
        "dw", ConvBnAct.of(8, 8).kernel(3).groups(8).act(Activation.RELU6).build(), "stem");
    graph.addLayer("widen", ConvBnAct.of(8, 16).build(), "dw");
    graph.addLayer("unit", ConvBnAct.of(16, 16).kernel(3).act(Activation.RELU).build(), "widen");
    graph.addVertex("sum", new ResidualAdd(), "unit", "widen");
    graph.addLayer(
        "gdc", ConvBnAct.of(16, 16).kernel(8).padding(Padding.VALID).groups(16).build(), "sum");
    graph.addLayer("dense", ConvBnAct.of(16, 12).flatten().build(), "gdc");
    graph.addLayer("head", new CosineHead(12, 10, 1, new ArcFace(1, 0.5, 0, 4)), "dense");
    return graph.setOutputs("head");
  }

  private INDArray numbers(long... shape) {
    int length = 1;
    for (long axis : shape) {
      length *= (int) axis;
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      state = (state * 1103515245 + 12345) & 0x7FFFFFFF;
      values[i] = (float) ((state >> 8) / 4194304.0 - 1);
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }
}
