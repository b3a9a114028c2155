package io.sparkface.models.interop.onnx;

import io.sparkface.models.layers.ParameterBlock;
import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a layer stands.
 *
 * @param name of the layer; its ONNX result must be called so
 * @param inputs names of the values it takes
 * @param type of the first of them
 * @param parameters its {@link ParameterBlock}, null where it has none
 * @param graph to write to
 */
record LayerSite(
    String name, List<String> inputs, InputType type, INDArray parameters, OnnxGraph graph) {

  String input() {
    return inputs.get(0);
  }

  /** Height, width and channels of the first input. */
  InputType.InputTypeConvolutional image() {
    return (InputType.InputTypeConvolutional) type;
  }

  /** A part of the parameters, or null. */
  INDArray part(ParameterBlock block, ParameterBlock.Part part) {
    return block.view(parameters, part);
  }

  static float[] values(INDArray array) {
    return array.castTo(DataType.FLOAT).dup('c').reshape(array.length()).toFloatVector();
  }
}
