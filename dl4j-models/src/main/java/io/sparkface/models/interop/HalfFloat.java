package io.sparkface.models.interop;

/** IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction. Java 17 has no such conversion. */
public final class HalfFloat {
  private static final int INFINITY = 0x7C00;

  private HalfFloat() {}

  /** The nearest half, ties to even. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float size = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7E00);
    }
    if (size >= 65520f) {
      return (short) (sign | INFINITY);
    }
    if (size < 0x1p-14f) {
      // subnormal: a multiple of 2^-24
      return (short) (sign | (int) Math.rint(size * 0x1p24));
    }
    int magnitude = bits & 0x7FFFFFFF;
    int rounded = magnitude + 0xFFF + (magnitude >>> 13 & 1);
    return (short) (sign | (rounded - (112 << 23)) >>> 13);
  }

  /** Exactly. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >>> 10 & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0x1F) {
      return Float.intBitsToFloat(sign | 0x7F800000 | fraction << 13);
    }
    if (exponent == 0) {
      return Math.copySign(fraction * 0x1p-24f, sign == 0 ? 1f : -1f);
    }
    return Float.intBitsToFloat(sign | (exponent + 112) << 23 | fraction << 13);
  }

  /** Whether the half is plus or minus infinity. */
  public static boolean isInfinite(short half) {
    return (half & 0x7FFF) == INFINITY;
  }
}
