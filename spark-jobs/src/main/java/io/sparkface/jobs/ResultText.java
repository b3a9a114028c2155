package io.sparkface.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.pipeline.evaluate.ResultJson;
import java.math.MathContext;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/** A result for people: a name and its value a line, what lies within it indented below. */
final class ResultText {
  private static final int NARROWEST = 18;
  private static final MathContext DIGITS = new MathContext(6);
  private static final int MOST_IN_A_LINE = 100;

  private final StringBuilder text = new StringBuilder();

  private ResultText() {}

  static String of(Object result) {
    ResultText lines = new ResultText();
    lines.fields(ResultJson.mapper().valueToTree(result), "");
    return lines.text.toString();
  }

  private void fields(JsonNode object, String indent) {
    int width = NARROWEST;
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      width = Math.max(width, indent.length() + names.next().length());
    }
    for (Iterator<Map.Entry<String, JsonNode>> all = object.fields(); all.hasNext(); ) {
      Map.Entry<String, JsonNode> field = all.next();
      add(field.getKey(), field.getValue(), indent, width);
    }
  }

  private void add(String name, JsonNode value, String indent, int width) {
    String inner = indent + "  ";
    if (value.isObject() && !value.isEmpty()) {
      text.append(indent).append(name).append('\n');
      fields(value, inner);
    } else if (value.isArray() && value.toString().length() > MOST_IN_A_LINE) {
      text.append(indent).append(name).append('\n');
      value.forEach(each -> text.append(inner).append(plain(each)).append('\n'));
    } else {
      text.append(String.format(Locale.ROOT, "%-" + width + "s %s%n", indent + name, plain(value)));
    }
  }

  private static String plain(JsonNode value) {
    if (value.isNull() || value.isContainerNode() && value.isEmpty()) {
      return "-";
    }
    if (value.isFloatingPointNumber()) {
      return value.decimalValue().round(DIGITS).stripTrailingZeros().toPlainString();
    }
    return value.isValueNode() ? value.asText() : value.toString();
  }
}
