package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Kernels start with the original's mean and variance: Glorot's 2 / (fan-in + fan-out), or 2 /
 * fan-out; everything else at its constant.
 */
class FirstValuesTest {
  private static final int ENOUGH = 2000;

  @ParameterizedTest
  @CsvSource({"mobilefacenet, GLOROT", "ghostnet, FAN_OUT", "efficientnetb0, FAN_OUT"})
  void areTheOriginals(String backbone, Way way) {
    ComputationGraph net = NetworksTest.classifier(NetworkSpec.of(backbone, "GDC", 64));
    int seen = 0;
    for (Layer layer : net.getLayers()) {
      if (layer.conf().getLayer() instanceof ConvBnAct block) {
        INDArray values = layer.paramTable().get(ParameterBlock.KEY);
        constants(block, values);
        INDArray kernel = block.block().view(values, Part.KERNEL);
        boolean head = block.getLayerName().matches("GDC_dw|embedding");
        if (kernel.length() >= ENOUGH) {
          seen++;
          double expected = (head ? Way.GLOROT : way).variance(kernel, block);
          double error = Math.sqrt(expected / kernel.length());
          assertThat(kernel.meanNumber().doubleValue())
              .as("mean of %s", block.getLayerName())
              .isCloseTo(0, within(5 * error));
          assertThat(kernel.mul(kernel).meanNumber().doubleValue() / expected)
              .as("variance of %s", block.getLayerName())
              .isCloseTo(1, within(0.2));
        }
      }
    }
    assertThat(seen).isGreaterThan(20);
  }

  private enum Way {
    GLOROT,
    FAN_OUT;

    double variance(INDArray kernel, ConvBnAct layer) {
      double positions = kernel.size(0) * kernel.size(1);
      // Keras counts a depthwise kernel as [h, w, in, 1]
      boolean depthwise = kernel.size(2) == 1 && layer.getNIn() > 1;
      double in = positions * (depthwise ? layer.getNIn() : kernel.size(2));
      double out = positions * (depthwise ? 1 : kernel.size(3));
      return this == GLOROT ? 2 / (in + out) : 2 / out;
    }
  }

  private static void constants(BlockLayer layer, INDArray values) {
    INDArray scaleShift = layer.block().view(values, Part.SCALE_SHIFT);
    if (scaleShift != null) {
      assertThat(scaleShift.getRow(0).eq(1).all()).isTrue();
      assertThat(scaleShift.getRow(1).eq(0).all()).isTrue();
    }
    INDArray alpha = layer.block().view(values, Part.ALPHA);
    assertThat(alpha == null || alpha.eq(0.25).all()).isTrue();
  }
}
