package io.sparkface.datasets.interchange;

/**
 * IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits; values to 65,504, about three
 * digits.
 */
public final class Half {
  private Half() {}

  /** The number that 16 bits stand for. */
  public static float toFloat(short half) {
    int bits = half & 0xFFFF;
    int exponent = bits >>> 10 & 31;
    int fraction = bits & 0x3FF;
    float magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((float) fraction, -24);
          case 31 -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb((float) (fraction | 0x400), exponent - 25);
        };
    return bits >>> 15 == 0 ? magnitude : -magnitude;
  }

  /** The nearest half, ties to even, as hardware and numpy round. */
  public static short of(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 31 << 15;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7E00);
    }
    if (magnitude >= 65_520f) {
      return (short) (sign | 0x7C00);
    }
    int exponent = Math.max(Math.getExponent(magnitude), -14);
    // in units of the last place; reaching 2048 carries into the exponent by itself
    int steps = (int) Math.rint(Math.scalb((double) magnitude, 10 - exponent));
    return (short) (sign | (exponent + 14 << 10) + steps);
  }
}
