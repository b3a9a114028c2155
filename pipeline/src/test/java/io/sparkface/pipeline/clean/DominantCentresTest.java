package io.sparkface.pipeline.clean;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DominantCentresTest {
  @Test
  void keepsWhatIsNearTheSubCentreMostVoteFor() {
    DominantCentres.Decision decision =
        DominantCentres.decide(
            List.of(
                new Votes(1, 0, new float[] {.9f, .1f}),
                new Votes(2, 0, new float[] {.8f, .2f}),
                new Votes(3, 0, new float[] {.1f, .9f}), // wrong label: alone at the other one
                new Votes(4, 1, new float[] {.1f, .05f}), // nothing of identity 1 is near
                new Votes(5, 2, new float[] {.3f, .9f})),
            3,
            2,
            75);
    assertThat(decision.dropped()).containsExactlyInAnyOrder(3L, 4L);
    assertThat(decision.labels()).containsExactly(0, -1, 1);
    assertThat(decision.identities()).isEqualTo(2);
  }

  /** Strictly above cos 75° = 0.258819. */
  @Test
  void theAngleItselfIsDropped() {
    float limit = (float) Math.cos(Math.toRadians(75));
    DominantCentres.Decision decision =
        DominantCentres.decide(
            List.of(
                new Votes(1, 0, new float[] {limit - 1e-6f}),
                new Votes(2, 0, new float[] {limit + 1e-6f})),
            1,
            1,
            75);
    assertThat(decision.dropped()).containsExactly(1L);
  }

  @Test
  void theLowestSubCentreWinsTies() {
    DominantCentres.Decision decision =
        DominantCentres.decide(
            List.of(new Votes(1, 0, new float[] {.9f, 0}), new Votes(2, 0, new float[] {0, .9f})),
            1,
            2,
            75);
    assertThat(decision.dropped()).containsExactly(2L);
  }
}
