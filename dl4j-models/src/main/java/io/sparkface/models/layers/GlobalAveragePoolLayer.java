package io.sparkface.models.layers;

import io.sparkface.models.kernels.GlobalAverage;
import io.sparkface.models.kernels.Kernels;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link GlobalAveragePool}. */
final class GlobalAveragePoolLayer extends ParameterFreeComputation<GlobalAveragePool> {
  private static final long serialVersionUID = 1L;

  private transient GlobalAverage average;
  private transient long[] outputShape;

  GlobalAveragePoolLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  void prepare(Kernels kernels, long[] shape) {
    average = kernels.globalAverage((int) shape[0], (int) shape[1], (int) shape[2], (int) shape[3]);
    outputShape = new long[] {shape[0], 1, 1, shape[3]};
  }

  @Override
  long[] outputShape() {
    return outputShape;
  }

  @Override
  void forward(INDArray x, INDArray y) {
    average.forward(x, y);
  }

  @Override
  void backward(INDArray x, INDArray gradient, INDArray xGradient) {
    average.backward(gradient, xGradient);
  }
}
