package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.real;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.keras.KerasModel.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Normalisations and scales by numbers that stand in the file. */
final class KerasScales {
  private final KerasSite site;

  KerasScales(KerasSite site) {
    this.site = site;
  }

  Value batchNorm() {
    Value input = site.only();
    JsonNode axis =
        site.config().path("axis").isArray()
            ? site.config().path("axis").path(0)
            : site.config().path("axis");
    int last = input.axes() - 1;
    if (axis.asInt(-1) != -1 && axis.asInt() != last
        || site.config().path("axis").isArray() && site.config().path("axis").size() != 1) {
      throw site.setting("axis");
    }
    Tensor mean = site.weights("moving_mean", input.channels());
    long channels = mean.shape()[0];
    Tensor variance = site.weights("moving_variance", channels);
    float[] ones = new float[(int) channels];
    Arrays.fill(ones, 1);
    Tensor gamma =
        site.flag("scale", true) ? site.weights("gamma", channels) : new Tensor(mean.shape(), ones);
    Tensor beta =
        site.flag("center", true)
            ? site.weights("beta", channels)
            : new Tensor(mean.shape(), new float[(int) channels]);
    String result =
        site.graph()
            .add(
                "BatchNormalization",
                site.name(""),
                List.of(
                    input.name(),
                    site.constant("gamma", gamma),
                    site.constant("beta", beta),
                    site.constant("mean", mean),
                    site.constant("variance", variance)),
                real("epsilon", site.config().path("epsilon").asDouble(1e-3)));
    return new Value(result, input.axes(), channels);
  }

  Value rescaling() {
    Value input = site.only();
    String scaled =
        site.graph()
            .add(
                "Mul",
                site.name("scaled"),
                List.of(input.name(), site.constant("scale", perChannel("scale", 1, input))));
    String moved =
        site.graph()
            .add(
                "Add",
                site.name(""),
                List.of(scaled, site.constant("offset", perChannel("offset", 0, input))));
    return new Value(moved, input.axes(), input.channels());
  }

  /** (x - mean) / max(sqrt(variance), 1e-7). */
  Value normalization() {
    Value input = site.only();
    List<Tensor> statistics = new ArrayList<>();
    for (String part : List.of("mean", "variance")) {
      statistics.add(
          site.has(part)
              ? spread(site.weights(part, -1), input, part)
              : perChannel(part, Double.NaN, input));
    }
    Tensor variance = statistics.get(1);
    float[] deviation = variance.values().clone();
    for (int i = 0; i < deviation.length; i++) {
      deviation[i] = (float) Math.max(Math.sqrt(deviation[i]), 1e-7);
    }
    String centred =
        site.graph()
            .add(
                "Sub",
                site.name("centred"),
                List.of(input.name(), site.constant("mean", statistics.get(0))));
    return new Value(
        site.graph()
            .add(
                "Div",
                site.name(""),
                List.of(
                    centred, site.constant("deviation", new Tensor(variance.shape(), deviation)))),
        input.axes(),
        input.channels());
  }

  private Tensor perChannel(String key, double otherwise, Value input) {
    JsonNode value = site.config().path(key);
    if (!value.isArray()) {
      return new Tensor(new long[] {1}, new float[] {(float) value.asDouble(otherwise)});
    }
    float[] values = new float[value.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) value.get(i).asDouble();
    }
    return spread(new Tensor(new long[] {values.length}, values), input, key);
  }

  private Tensor spread(Tensor values, Value input, String key) {
    if (values.values().length != input.channels() && values.values().length != 1) {
      throw site.setting(key);
    }
    int count = values.values().length;
    return input.axes() == 4 ? values.reshaped(count, 1, 1) : values.reshaped(count);
  }
}
