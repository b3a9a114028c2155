package io.sparkface.pipeline.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an axis shows.
 *
 * @param label quantity and unit
 * @param low value at its beginning
 * @param high value at its end, above {@code low}
 */
record Axis(String label, Scale scale, double low, double high) {
  private static final int TICKS = 5;
  private static final String EXPONENTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  enum Scale {
    LINEAR,
    LOGARITHMIC
  }

  /** A value with its label. */
  record Tick(double value, String label) {}

  /** From a nice value below {@code low} to one above {@code high}. */
  static Axis linear(String label, double low, double high) {
    double least = high - low < 1e-9 ? low - Math.max(1e-3, Math.abs(low) * 0.05) : low;
    double most = high - low < 1e-9 ? high + Math.max(1e-3, Math.abs(high) * 0.05) : high;
    double step = step(most - least);
    return new Axis(
        label,
        Scale.LINEAR,
        Math.floor(least / step + 1e-9) * step,
        Math.ceil(most / step - 1e-9) * step);
  }

  /** From {@code low} to {@code high} as they are. */
  static Axis exactly(String label, double low, double high) {
    return new Axis(label, Scale.LINEAR, low, high);
  }

  /** Powers of ten. */
  static Axis logarithmic(String label, double low, double high) {
    return new Axis(label, Scale.LOGARITHMIC, low, high);
  }

  /** Where a value lies, 0 at the beginning and 1 at the end; what lies beyond is at the end. */
  double position(double value) {
    double share =
        scale == Scale.LINEAR
            ? (value - low) / (high - low)
            : Math.log10(Math.max(value, low) / low) / Math.log10(high / low);
    return Math.max(0, Math.min(1, share));
  }

  List<Tick> ticks() {
    return scale == Scale.LINEAR ? linearTicks() : decades();
  }

  private List<Tick> linearTicks() {
    double step = step(high - low);
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    boolean tiny = decimals > 4;
    List<Tick> ticks = new ArrayList<>();
    for (double at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-6; at++) {
      double value = at == 0 ? 0 : at * step;
      ticks.add(
          new Tick(
              value,
              tiny
                  ? String.format(Locale.ROOT, "%.1e", value).replace("e-0", "e-")
                  : String.format(Locale.ROOT, "%,." + decimals + "f", value)));
    }
    return ticks;
  }

  private List<Tick> decades() {
    List<Tick> ticks = new ArrayList<>();
    int last = (int) Math.round(Math.log10(high));
    for (int power = (int) Math.round(Math.log10(low)); power <= last; power++) {
      ticks.add(new Tick(Math.pow(10, power), power == 0 ? "1" : "10" + raised(power)));
    }
    return ticks;
  }

  private static String raised(int power) {
    StringBuilder text = new StringBuilder(power < 0 ? "⁻" : "");
    for (char digit : Integer.toString(Math.abs(power)).toCharArray()) {
      text.append(EXPONENTS.charAt(digit - '0'));
    }
    return text.toString();
  }

  /** 1, 2 or 5 times a power of ten, so that there are about {@value #TICKS} of it. */
  private static double step(double range) {
    double rough = range / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double share = rough / power;
    return power * (share <= 1.5 ? 1 : share <= 3.5 ? 2 : share <= 7.5 ? 5 : 10);
  }
}
