package io.sparkface.models.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatTest {
  @Test
  void everyHalfSurvivesTheWayThroughFloat() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      short half = (short) bits;
      if (!Float.isNaN(HalfFloat.toFloat(half))) {
        assertThat(HalfFloat.of(HalfFloat.toFloat(half))).isEqualTo(half);
      }
    }
  }

  @Test
  void roundsToTheNearestAndTiesToEven() {
    // 1 + 2^-11 lies between 1 and 1 + 2^-10; 1 + 3 * 2^-11 between odd and even
    assertThat(HalfFloat.of(1 + 0x1p-11f)).isEqualTo((short) 0x3C00);
    assertThat(HalfFloat.of(1 + 3 * 0x1p-11f)).isEqualTo((short) 0x3C02);
    assertThat(HalfFloat.of(1 + 0x1p-11f + 0x1p-20f)).isEqualTo((short) 0x3C01);
    assertThat(HalfFloat.of(0x1p-24f)).isEqualTo((short) 1);
    assertThat(HalfFloat.of(0x1p-25f)).isEqualTo((short) 0);
    assertThat(HalfFloat.of(65504f)).isEqualTo((short) 0x7BFF);
    assertThat(HalfFloat.isInfinite(HalfFloat.of(65520f))).isTrue();
    assertThat(HalfFloat.of(-2.5f)).isEqualTo((short) 0xC100);
  }
}
