package io.sparkface.models.layers;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Pooling;
import io.sparkface.models.kernels.PoolingShape;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link Pool}. */
final class PoolLayer extends ParameterFreeComputation<Pool> implements Planned {
  private static final long serialVersionUID = 1L;

  private transient PoolingShape shape;
  private transient Pooling pooling;

  PoolLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  void prepare(Kernels kernels, long[] input) {
    shape = layerConf().shape(input[0], input[1], input[2], input[3]);
    pooling = kernels.pooling(shape);
  }

  @Override
  long[] outputShape() {
    return shape.outputShape();
  }

  @Override
  void forward(INDArray x, INDArray y) {
    pooling.forward(x, y);
  }

  @Override
  void backward(INDArray x, INDArray gradient, INDArray xGradient) {
    pooling.backward(x, gradient, xGradient);
  }

  @Override
  public Operation plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    PoolingShape windows = layerConf().shape(x[0], x[1], x[2], x[3]);
    Pooling planned = Kernels.forType(dataType).pooling(windows);
    return new Operation(windows.outputShape(), (xs, y) -> planned.forward(xs.get(0), y));
  }
}
