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
    shape = windows(input);
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

  private PoolingShape windows(long[] x) {
    return layerConf().shape(x[0], x[1], x[2], x[3]);
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return windows(inputs.get(0)).outputShape();
  }

  @Override
  public Action plan(List<long[]> inputs) {
    Pooling planned = Kernels.forType(dataType).pooling(windows(inputs.get(0)));
    return (xs, y) -> planned.forward(xs.get(0), y);
  }
}
