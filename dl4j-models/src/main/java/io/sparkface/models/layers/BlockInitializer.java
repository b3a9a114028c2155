package io.sparkface.models.layers;

import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Hands DL4J a layer's block as one parameter, and fills it. */
final class BlockInitializer implements ParamInitializer {
  static final BlockInitializer INSTANCE = new BlockInitializer();
  private static final List<String> KEYS = List.of(ParameterBlock.KEY);

  private BlockInitializer() {}

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return ((BlockLayer) layer).block().length();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return KEYS;
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return KEYS;
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return KEYS.contains(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
    BlockLayer layer = (BlockLayer) conf.getLayer();
    if (initializeParams) {
      fill(layer, paramsView);
    }
    conf.addVariable(ParameterBlock.KEY);
    return getGradientsFromFlattened(conf, paramsView);
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray gradientView) {
    Map<String, INDArray> result = new LinkedHashMap<>();
    result.put(ParameterBlock.KEY, gradientView.reshape(gradientView.length()));
    return result;
  }

  private static void fill(BlockLayer layer, INDArray values) {
    ParameterBlock block = layer.block();
    for (Part part : block.parts()) {
      INDArray view = block.view(values, part);
      switch (part) {
        case KERNEL -> layer.initialiseKernel(view);
        case BIAS, SHIFT -> view.assign(0);
        case SCALE_SHIFT -> {
          view.getRow(0).assign(layer.firstScale());
          view.getRow(1).assign(0);
        }
        case STATISTICS -> {
          view.getRow(0).assign(0);
          view.getRow(1).assign(1);
        }
        case ALPHA -> {
          int kinds = layer.act().parametersPerChannel();
          INDArray rows = view.reshape(kinds, -1);
          for (int kind = 0; kind < kinds; kind++) {
            rows.getRow(kind).assign(layer.act().firstValue(kind));
          }
        }
        case POSITIONS -> layer.initialisePositions(view);
      }
    }
  }
}
