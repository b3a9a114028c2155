package io.sparkface.models.interop;

/** The picture that other frameworks' outputs in the tests were made from. */
public final class SamplePixels {
  private SamplePixels() {}

  /** Sample i is ((37 i + i / 7) mod 256 - 127.5) / 128. */
  public static float[] scaled(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = ((37 * i + i / 7) % 256 - 127.5f) / 128;
    }
    return values;
  }
}
