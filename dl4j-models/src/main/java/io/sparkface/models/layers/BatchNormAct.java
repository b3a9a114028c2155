package io.sparkface.models.layers;

import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Batch normalisation and activation over NHWC images: y = act(bn(x)). */
public final class BatchNormAct extends BlockLayer {
  private static final long serialVersionUID = 1L;

  /** For JSON. */
  BatchNormAct() {}

  private BatchNormAct(Builder builder) {
    super(builder);
  }

  @Override
  public ParameterBlock block() {
    ParameterBlock block =
        new ParameterBlock().with(Part.SCALE_SHIFT, 2, nOut).with(Part.STATISTICS, 2, nOut);
    if (act().parametersPerChannel() > 0) {
      block.with(Part.ALPHA, nOut);
    }
    return block;
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType type) {
    BatchNormActLayer layer = new BatchNormActLayer(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(conf, parameters, initialise));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return image(inputType);
  }

  @Override
  public BatchNormAct clone() {
    return (BatchNormAct) super.clone();
  }

  /** Starts a layer over {@code channels}. */
  public static Builder of(int channels) {
    return new Builder().nIn(channels).nOut(channels);
  }

  /** Without an activation, unless told otherwise. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private Builder() {}

    @Override
    @SuppressWarnings("unchecked")
    public BatchNormAct build() {
      return new BatchNormAct(this);
    }
  }
}
