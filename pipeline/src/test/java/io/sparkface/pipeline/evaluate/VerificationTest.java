package io.sparkface.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VerificationTest {
  /** The check of spec 7.1: only .5 is tried, though .28 would be better. */
  @Test
  void triesOnlyTheTopTenthOfTheDifferentPairs() {
    double[] cosines = {.9, .8, .4, .3, 0, .05, .1, .12, .15, .2, .22, .25, .28, .5};
    boolean[] same = new boolean[14];
    Arrays.fill(same, 0, 4, true);
    Verification result = Verification.of(cosines, same);
    assertThat(result.accuracy()).isCloseTo(12 / 14.0, within(1e-12));
    assertThat(result.threshold()).isEqualTo(.5);
  }

  @Test
  void tenFoldsOfSeparablePairsAreAllRight() {
    double[] cosines = new double[40];
    boolean[] same = new boolean[40];
    for (int i = 0; i < 40; i++) {
      same[i] = i % 4 < 2;
      cosines[i] = same[i] ? .8 : .1;
    }
    Verification result = Verification.of(cosines, same);
    assertThat(result.tenFoldAccuracy()).isEqualTo(1);
    assertThat(result.tenFoldDeviation()).isZero();
  }

  @Test
  void refusesCosinesThatAreNotNumbers() {
    assertThatThrownBy(
            () -> Verification.of(new double[] {Double.NaN, 1}, new boolean[] {true, false}))
        .hasMessageContaining("pair 0");
  }
}
