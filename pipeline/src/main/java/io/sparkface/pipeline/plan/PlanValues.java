package io.sparkface.pipeline.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Typed, range-checked reading of a plan; every refusal names the line the value stands in. */
final class PlanValues {
  private final Config config;

  PlanValues(Config config) {
    this.config = config;
  }

  String text(String key) {
    return typed(key, config::getString, "text");
  }

  List<String> texts(String key) {
    return typed(key, config::getStringList, "a list of texts");
  }

  List<Integer> integers(String key) {
    return typed(key, config::getIntList, "a list of whole numbers");
  }

  int integer(String key, int least, int most) {
    double value = typed(key, config::getDouble, "a whole number");
    if (value != Math.rint(value)) {
      throw PlanFile.wrong(config, key, "must be a whole number, not " + value);
    }
    return (int) inRange(key, value, least, most);
  }

  double number(String key, double least, double most) {
    return inRange(key, typed(key, config::getDouble, "a number"), least, most);
  }

  String oneOf(String key, List<String> names) {
    String name = text(key);
    if (!names.contains(name)) {
      throw new UserError(
          "'" + key + "' cannot be '" + name + "'",
          config.getValue(key).origin().description(),
          Nearest.advice(name, names));
    }
    return name;
  }

  boolean flag(String key) {
    return typed(key, config::getBoolean, "true or false");
  }

  /** A constant, written in small letters with hyphens. */
  <E extends Enum<E>> E oneOf(String key, Class<E> choices) {
    Map<String, E> byName = new TreeMap<>();
    for (E choice : choices.getEnumConstants()) {
      byName.put(choice.name().toLowerCase(Locale.ROOT).replace('_', '-'), choice);
    }
    return byName.get(oneOf(key, List.copyOf(byName.keySet())));
  }

  private double inRange(String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw PlanFile.wrong(
          config, key, "must lie between " + least + " and " + most + ", not be " + value);
    }
    return value;
  }

  private <T> T typed(String key, Function<String, T> read, String expected) {
    try {
      return read.apply(key);
    } catch (ConfigException e) {
      throw PlanFile.wrong(config, key, "must be " + expected);
    }
  }
}
