package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.number;
import static io.sparkface.models.interop.onnx.Attributes.numbers;

import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.keras.KerasModel.Value;
import java.util.List;

/** Layers that multiply by kernels: convolutions and dense layers, with bias and activation. */
final class KerasKernels {
  private final KerasSite site;
  private final KerasActivations activations;

  KerasKernels(KerasSite site) {
    this.site = site;
    this.activations = new KerasActivations(site);
  }

  Value convolution() {
    Value input = site.picture();
    long groups = site.config().path("groups").asLong(1);
    long[] kernel = site.pair("kernel_size", 1);
    if (groups < 1 || input.channels() > 0 && input.channels() % groups != 0) {
      throw site.setting("groups");
    }
    Tensor weights =
        site.weights(
            "kernel",
            kernel[0],
            kernel[1],
            input.channels() < 0 ? -1 : input.channels() / groups,
            site.config().path("filters").asLong(-1));
    return withBiasAndActivation(
        convolved(input, weights.permuted(3, 2, 0, 1), groups, site.pair("strides", 1)));
  }

  Value depthwise() {
    Value input = site.picture();
    String part = site.has("depthwise_kernel") ? "depthwise_kernel" : "kernel";
    return withBiasAndActivation(depthwise(input, part, site.pair("strides", 1)));
  }

  Value separable() {
    Value between = depthwise(site.picture(), "depthwise_kernel", site.pair("strides", 1));
    Tensor pointwise =
        site.weights(
            "pointwise_kernel", 1, 1, between.channels(), site.config().path("filters").asLong(-1));
    return withBiasAndActivation(
        convolved(between, pointwise.permuted(3, 2, 0, 1), 1, new long[] {1, 1}));
  }

  private Value depthwise(Value input, String part, long[] strides) {
    long[] kernel = site.pair("kernel_size", 1);
    Tensor weights = site.weights(part, kernel[0], kernel[1], input.channels(), -1);
    long in = weights.shape()[2];
    Tensor turned = weights.permuted(2, 3, 0, 1);
    return convolved(
        input, turned.reshaped(in * weights.shape()[3], 1, kernel[0], kernel[1]), in, strides);
  }

  /** A convolution without its bias. */
  private Value convolved(Value input, Tensor kernel, long groups, long[] strides) {
    boolean pointwise = kernel.shape()[2] == 1 && kernel.shape()[3] == 1;
    String result =
        site.graph()
            .add(
                "Conv",
                site.name("conv"),
                List.of(input.name(), site.constant("kernel", kernel)),
                numbers("kernel_shape", kernel.shape()[2], kernel.shape()[3]),
                numbers("strides", strides),
                numbers("dilations", pointwise ? new long[] {1, 1} : site.pair("dilation_rate", 1)),
                site.padding(),
                number("group", groups));
    return new Value(result, 4, kernel.shape()[0]);
  }

  /** Over the last axis, as Keras has it. */
  Value dense() {
    Value input = site.only();
    Tensor kernel =
        site.weights("kernel", input.channels(), site.config().path("units").asLong(-1));
    Value last = site.channelsLast(input);
    String product =
        site.graph()
            .add(
                "MatMul",
                site.name("product"),
                List.of(last.name(), site.constant("kernel", kernel)));
    Value result = new Value(product, input.axes(), kernel.shape()[1]);
    return withBiasAndActivation(input.axes() == 4 ? site.channelsFirst(result) : result);
  }

  private Value withBiasAndActivation(Value value) {
    Value biased = value;
    if (site.flag("use_bias", true)) {
      Tensor bias = site.weights("bias", value.channels());
      String shaped =
          site.constant("bias", value.axes() == 4 ? bias.reshaped(bias.shape()[0], 1, 1) : bias);
      biased =
          new Value(
              site.graph().add("Add", site.name("biased"), List.of(value.name(), shaped)),
              value.axes(),
              value.channels());
    }
    return activations.of(biased, site.config().path("activation"));
  }
}
