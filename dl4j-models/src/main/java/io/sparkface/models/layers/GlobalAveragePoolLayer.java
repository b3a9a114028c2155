package io.sparkface.models.layers;

import io.sparkface.models.kernels.GlobalAverage;
import io.sparkface.models.kernels.Kernels;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link GlobalAveragePool}. */
final class GlobalAveragePoolLayer extends ParameterFreeComputation<GlobalAveragePool>
    implements Planned {
  private static final long serialVersionUID = 1L;

  private transient GlobalAverage average;
  private transient long[] outputShape;

  GlobalAveragePoolLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  void prepare(Kernels kernels, long[] shape) {
    average = average(kernels, shape);
    outputShape = means(shape);
  }

  private static GlobalAverage average(Kernels kernels, long[] x) {
    return kernels.globalAverage((int) x[0], (int) x[1], (int) x[2], (int) x[3]);
  }

  private static long[] means(long[] x) {
    return new long[] {x[0], 1, 1, x[3]};
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return means(inputs.get(0));
  }

  @Override
  public Action plan(List<long[]> inputs) {
    GlobalAverage planned = average(Kernels.forType(dataType), inputs.get(0));
    return (xs, y) -> planned.forward(xs.get(0), y);
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
