package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.number;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.models.interop.keras.KerasModel.Value;
import java.util.List;

/** Layers that move values and compute nothing. */
final class KerasShapes {
  private final KerasSite site;

  KerasShapes(KerasSite site) {
    this.site = site;
  }

  Value bordered(String key, int sign) {
    Value input = site.picture();
    JsonNode sizes = site.config().path(key);
    long[] pads = new long[8];
    for (int side = 0; side < 2; side++) {
      JsonNode both = sizes.path(side);
      if (both.size() != 2 || both.get(0).asInt(-1) < 0 || both.get(1).asInt(-1) < 0) {
        throw site.setting(key);
      }
      pads[2 + side] = sign * both.get(0).asLong();
      pads[6 + side] = sign * both.get(1).asLong();
    }
    return new Value(
        site.graph()
            .add(
                "Pad",
                site.name(""),
                List.of(input.name(), site.graph().numbers(site.name("pads"), pads))),
        4,
        input.channels());
  }

  Value flatten() {
    Value input = site.only();
    return new Value(
        site.graph()
            .add("Flatten", site.name(""), site.channelsLast(input).name(), number("axis", 1)),
        2,
        input.axes() == 2 ? input.channels() : -1);
  }

  Value reshape() {
    JsonNode target = site.config().path("target_shape");
    long[] shape = new long[target.size() + 1];
    for (int i = 0; i < target.size(); i++) {
      shape[i + 1] = target.get(i).asLong();
      if (shape[i + 1] < -1 || shape[i + 1] == 0) {
        throw site.setting("target_shape");
      }
    }
    if (shape.length != 2 && shape.length != 4) {
      throw site.setting("target_shape");
    }
    String shaped =
        site.graph()
            .add(
                "Reshape",
                site.name("reshaped"),
                List.of(
                    site.channelsLast(site.only()).name(),
                    site.graph().numbers(site.name("shape"), shape)));
    Value result = new Value(shaped, shape.length, shape[shape.length - 1]);
    return shape.length == 4 ? site.channelsFirst(result) : result;
  }
}
