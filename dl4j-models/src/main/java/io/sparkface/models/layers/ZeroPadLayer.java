package io.sparkface.models.layers;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Region;
import io.sparkface.models.kernels.RegionCopy;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link ZeroPad}. */
final class ZeroPadLayer extends ParameterFreeComputation<ZeroPad> implements Planned {
  private static final long serialVersionUID = 1L;

  private transient long[] outputShape;
  private transient RegionCopy forward;
  private transient RegionCopy backward;

  ZeroPadLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  void prepare(Kernels kernels, long[] shape) {
    outputShape = outputShape(List.of(shape));
    forward = kernels.copy(kept(shape), placed(shape));
    backward = kernels.copy(placed(shape), kept(shape));
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    long[] x = inputs.get(0);
    int more = layerConf().before() + layerConf().after();
    return new long[] {x[0], x[1] + more, x[2] + more, x[3]};
  }

  @Override
  public Action plan(List<long[]> inputs) {
    long[] x = inputs.get(0);
    Kernels kernels = Kernels.forType(dataType);
    RegionCopy planned = kernels.copy(kept(x), placed(x));
    return (xs, y) -> {
      kernels.clear(y);
      planned.run(xs.get(0), y);
    };
  }

  /** What is kept of the input. */
  private Region kept(long[] x) {
    return region(x, x, Math.max(-layerConf().before(), 0));
  }

  /** Where it lies in the output. */
  private Region placed(long[] x) {
    return region(outputShape(List.of(x)), x, Math.max(layerConf().before(), 0));
  }

  private Region region(long[] whole, long[] x, int corner) {
    int cut = Math.max(-layerConf().before(), 0) + Math.max(-layerConf().after(), 0);
    return new Region(
        (int) whole[0],
        (int) whole[1],
        (int) whole[2],
        (int) whole[3],
        corner,
        corner,
        0,
        (int) x[1] - cut,
        (int) x[2] - cut,
        (int) x[3]);
  }

  @Override
  long[] outputShape() {
    return outputShape;
  }

  @Override
  void forward(INDArray x, INDArray y) {
    y.assign(0);
    forward.run(x, y);
  }

  @Override
  void backward(INDArray x, INDArray gradient, INDArray xGradient) {
    xGradient.assign(0);
    backward.run(gradient, xGradient);
  }
}
