package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.number;
import static io.sparkface.models.interop.onnx.Attributes.numbers;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.models.interop.keras.KerasModel.Value;

/** Pooling, of windows and of whole pictures. */
final class KerasPools {
  private final KerasSite site;

  KerasPools(KerasSite site) {
    this.site = site;
  }

  Value pool(String operator) {
    long[] window = site.pair("pool_size", 2);
    JsonNode strides = site.config().path("strides");
    return site.same(
        operator,
        site.picture(),
        numbers("kernel_shape", window),
        numbers("strides", strides.isNull() ? window : site.pair("strides", 1)),
        site.padding());
  }

  Value globalPool(String operator) {
    Value pooled = site.same(operator, site.picture());
    return site.flag("keepdims", false)
        ? pooled
        : new Value(
            site.graph().add("Flatten", site.name("flat"), pooled.name(), number("axis", 1)),
            2,
            pooled.channels());
  }
}
