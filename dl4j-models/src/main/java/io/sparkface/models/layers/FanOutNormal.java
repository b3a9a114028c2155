package io.sparkface.models.layers;

import org.deeplearning4j.nn.conf.distribution.TruncatedNormalDistribution;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Normal with variance 2 / fan-out, cut at two deviations (He et al. 2015, as Keras'
 * VarianceScaling(2, fan_out)): the deviation is widened for what the cut takes away.
 */
public final class FanOutNormal implements IWeightInit {
  private static final long serialVersionUID = 1L;
  private static final double DEVIATION_AFTER_CUT = 0.87962566103423978;

  @Override
  public INDArray init(double fanIn, double fanOut, long[] shape, char order, INDArray paramView) {
    double deviation = Math.sqrt(2 / fanOut) / DEVIATION_AFTER_CUT;
    return new WeightInitDistribution(new TruncatedNormalDistribution(0, deviation))
        .init(fanIn, fanOut, shape, order, paramView);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FanOutNormal;
  }

  @Override
  public int hashCode() {
    return FanOutNormal.class.hashCode();
  }
}
