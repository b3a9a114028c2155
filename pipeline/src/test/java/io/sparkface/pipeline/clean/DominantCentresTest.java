package io.sparkface.pipeline.clean;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DominantCentresTest {
  @Test
  void keepsWhatIsNearTheSubCentreMostVoteFor() {
    DominantCentres.Votes votes = new DominantCentres.Votes(2, 2);
    votes.add(0, new float[] {.9f, .1f});
    votes.add(0, new float[] {.8f, .2f});
    DominantCentres.Votes others = new DominantCentres.Votes(2, 2);
    others.add(0, new float[] {.1f, .9f});
    others.add(1, new float[] {.3f, .9f});
    DominantCentres.Rule rule = votes.plus(others).rule(75);
    assertThat(votes.of(0)).containsExactly(2, 1);
    assertThat(rule.keeps(0, new float[] {.8f, .2f})).isTrue();
    // a wrong label: near the sub-centre that few vote for
    assertThat(rule.keeps(0, new float[] {.1f, .9f})).isFalse();
    assertThat(rule.keeps(1, new float[] {.1f, .9f})).isTrue();
  }

  /** Strictly above cos 75° = 0.258819. */
  @Test
  void theAngleItselfIsDropped() {
    DominantCentres.Rule rule = new DominantCentres.Votes(1, 1).rule(75);
    float limit = (float) Math.cos(Math.toRadians(75));
    assertThat(rule.keeps(0, new float[] {limit - 1e-6f})).isFalse();
    assertThat(rule.keeps(0, new float[] {limit + 1e-6f})).isTrue();
  }

  @Test
  void theLowestSubCentreWinsTies() {
    DominantCentres.Votes votes = new DominantCentres.Votes(1, 2);
    votes.add(0, new float[] {.9f, 0});
    votes.add(0, new float[] {0, .9f});
    assertThat(votes.rule(75).dominant()).containsExactly(0);
    assertThat(DominantCentres.choice(new float[] {.5f, .5f})).isZero();
  }

  @Test
  void labelsOfWhatIsLeftAreConsecutive() {
    assertThat(DominantCentres.relabelled(new int[] {3, 0, 1})).containsExactly(0, -1, 1);
  }
}
