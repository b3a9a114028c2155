package io.sparkface.models.interop.keras;

import io.sparkface.models.interop.keras.KerasModel.Value;

/** One Keras layer as ONNX nodes, as it answers after training: which kind is written by what. */
final class KerasLayer {
  private final KerasSite site;
  private final KerasKernels kernels;
  private final KerasActivations activations;
  private final KerasMerges merges;
  private final KerasPools pools;
  private final KerasScales scales;
  private final KerasShapes shapes;

  KerasLayer(KerasSite site) {
    this.site = site;
    this.kernels = new KerasKernels(site);
    this.activations = new KerasActivations(site);
    this.merges = new KerasMerges(site);
    this.pools = new KerasPools(site);
    this.scales = new KerasScales(site);
    this.shapes = new KerasShapes(site);
  }

  /** Appends the layer's nodes and returns its result. */
  Value write() {
    return switch (site.layer().kind()) {
      case "Conv2D" -> kernels.convolution();
      case "DepthwiseConv2D" -> kernels.depthwise();
      case "SeparableConv2D" -> kernels.separable();
      case "Dense" -> kernels.dense();
      case "BatchNormalization", "SyncBatchNormalization" -> scales.batchNorm();
      case "Activation" -> activations.of(site.only(), site.config().path("activation"));
      case "ReLU" -> activations.relu();
      case "LeakyReLU" -> activations.leakyRelu();
      case "ELU" -> activations.elu();
      case "Softmax" -> activations.softmax(site.only());
      case "PReLU" -> activations.prelu();
      case "Add" -> merges.elementwise("Add");
      case "Subtract" -> merges.elementwise("Sub");
      case "Multiply" -> merges.elementwise("Mul");
      case "Average" -> merges.elementwise("Mean");
      case "Maximum" -> merges.elementwise("Max");
      case "Minimum" -> merges.elementwise("Min");
      case "Concatenate" -> merges.concatenate();
      case "GlobalAveragePooling2D" -> pools.globalPool("GlobalAveragePool");
      case "GlobalMaxPooling2D" -> pools.globalPool("GlobalMaxPool");
      case "MaxPooling2D" -> pools.pool("MaxPool");
      case "AveragePooling2D" -> pools.pool("AveragePool");
      case "ZeroPadding2D" -> shapes.bordered("padding", 1);
      case "Cropping2D" -> shapes.bordered("cropping", -1);
      case "Flatten" -> shapes.flatten();
      case "Reshape" -> shapes.reshape();
      case "Rescaling" -> scales.rescaling();
      case "Normalization" -> scales.normalization();
      case "InputLayer",
          "Functional",
          "Model",
          "Sequential",
          "Dropout",
          "SpatialDropout2D",
          "GaussianDropout",
          "GaussianNoise",
          "AlphaDropout",
          "ActivityRegularization" ->
          site.same("Identity", site.only());
      default -> throw site.refused("is of a kind that is not translated");
    };
  }
}
