package io.sparkface.models.layers;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Region;
import io.sparkface.models.kernels.RegionCopy;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link ZeroPad}. */
final class ZeroPadLayer extends ParameterFreeComputation<ZeroPad> {
  private static final long serialVersionUID = 1L;

  private transient long[] outputShape;
  private transient RegionCopy forward;
  private transient RegionCopy backward;

  ZeroPadLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  void prepare(Kernels kernels, long[] shape) {
    int before = layerConf().before();
    int after = layerConf().after();
    outputShape =
        new long[] {shape[0], shape[1] + before + after, shape[2] + before + after, shape[3]};
    int taken = Math.max(-before, 0);
    int left = taken + Math.max(-after, 0);
    int height = (int) shape[1] - left;
    int width = (int) shape[2] - left;
    Region inner = region(shape, taken, height, width);
    Region outer = region(outputShape, Math.max(before, 0), height, width);
    forward = kernels.copy(inner, outer);
    backward = kernels.copy(outer, inner);
  }

  private static Region region(long[] whole, int corner, int height, int width) {
    return new Region(
        (int) whole[0],
        (int) whole[1],
        (int) whole[2],
        (int) whole[3],
        corner,
        corner,
        0,
        height,
        width,
        (int) whole[3]);
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
