package io.sparkface.models.backbones;

/** How mobile networks round numbers of channels. */
final class Rounding {
  private Rounding() {}

  /** The multiple of {@code step} nearest to {@code value}, but never below 90% of it. */
  static int divisible(double value, int step) {
    int rounded = Math.max(step, (int) (value + step / 2.0) / step * step);
    return rounded < 0.9 * value ? rounded + step : rounded;
  }
}
