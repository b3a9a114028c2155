package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.number;

import io.sparkface.models.interop.keras.KerasModel.Value;
import java.util.List;

/** Layers that make one value of several. */
final class KerasMerges {
  private final KerasSite site;

  KerasMerges(KerasSite site) {
    this.site = site;
  }

  Value elementwise(String operator) {
    List<Value> inputs = site.several();
    Value result = inputs.get(0);
    for (Value next : inputs.subList(1, inputs.size())) {
      long channels = Math.max(result.channels(), next.channels());
      if (operator.equals("Mean")) {
        return new Value(
            site.graph().add(operator, site.name(""), inputs.stream().map(Value::name).toList()),
            result.axes(),
            channels);
      }
      result =
          new Value(
              site.graph().add(operator, site.name(""), List.of(result.name(), next.name())),
              result.axes(),
              channels);
    }
    return result;
  }

  Value concatenate() {
    List<Value> inputs = site.several();
    int axes = inputs.get(0).axes();
    int axis = site.config().path("axis").asInt(-1);
    axis = axis < 0 ? axis + axes : axis;
    if (axis < 1 || axis >= axes) {
      throw site.setting("axis");
    }
    boolean ofChannels = axis == axes - 1;
    boolean known = inputs.stream().allMatch(value -> value.channels() > 0);
    String result =
        site.graph()
            .add(
                "Concat",
                site.name(""),
                inputs.stream().map(Value::name).toList(),
                number("axis", ofChannels ? 1 : axis + 1));
    long channels =
        !ofChannels
            ? inputs.get(0).channels()
            : known ? inputs.stream().mapToLong(Value::channels).sum() : -1;
    return new Value(result, axes, channels);
  }
}
