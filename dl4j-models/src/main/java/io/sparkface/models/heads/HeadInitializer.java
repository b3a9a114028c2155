package io.sparkface.models.heads;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Cuts a head's part of the network's vector into its arrays. */
final class HeadInitializer implements ParamInitializer {
  static final HeadInitializer INSTANCE = new HeadInitializer();

  private HeadInitializer() {}

  /** Of the network's vector, which holds state too; {@link Head#trainedNumbers} are fewer. */
  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return ((Head) layer).parameters().stream().mapToLong(HeadParameter::length).sum();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return ((Head) layer).parameters().stream().map(HeadParameter::name).toList();
  }

  /** What is trained: state is neither weight nor bias. */
  @Override
  public List<String> weightKeys(Layer layer) {
    return ((Head) layer)
        .parameters().stream()
            .filter(parameter -> parameter.merge().isEmpty())
            .map(HeadParameter::name)
            .toList();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return weightKeys(layer).contains(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray view, boolean initializeParams) {
    Head head = (Head) conf.getLayer();
    Map<String, INDArray> arrays = getGradientsFromFlattened(conf, view);
    if (initializeParams) {
      head.initialise(arrays);
    }
    arrays.keySet().forEach(conf::addVariable);
    return arrays;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray view) {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    long from = 0;
    for (HeadParameter parameter : ((Head) conf.getLayer()).parameters()) {
      long to = from + parameter.length();
      INDArray part = view.reshape(view.length()).get(NDArrayIndex.interval(from, to));
      arrays.put(parameter.name(), part.reshape('c', parameter.shape()));
      from = to;
    }
    return arrays;
  }
}
