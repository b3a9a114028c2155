package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.pipeline.plan.PlanFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers by hand; docs/performance.md has the estimate beside what was measured. */
class MemoryEstimateTest {
  private static final int IDENTITIES = 10_000;
  private static final String PLAN =
      """
      network.embedding-size = 512
      data.batch-size = 128
      stages = [{ sub-centres = 2, %s }]
      """;

  private static MemoryEstimate of(String stage) {
    return MemoryEstimate.of(
        PlanFile.parse(PLAN.formatted(stage), "plan.conf", List.of()).plan(), IDENTITIES, 0);
  }

  @Test
  void aHeadIsItsWeightsTheirGradientsAndTheirMomentum() {
    MemoryEstimate estimate = of("");
    long matrix = 4L * 512 * IDENTITIES;
    assertThat(estimate.heads()).isEqualTo(2 * matrix);
    assertThat(estimate.headState()).isZero();
    assertThat(estimate.gradients()).isEqualTo(estimate.network() + 2 * matrix);
    assertThat(estimate.updater()).isEqualTo(estimate.network() + 2 * matrix);
  }

  @Test
  void whatHeadsRememberIsSaidApartAndHasNoMomentum() {
    MemoryEstimate estimate = of("sub-centres = 1, centre = 1, vpl-start = 5");
    long matrix = 4L * 512 * IDENTITIES;
    // centres; the newest face of each, its step; the step
    assertThat(estimate.headState()).isEqualTo(matrix + matrix + 4L * IDENTITIES + 4);
    assertThat(estimate.heads()).isEqualTo(matrix);
    assertThat(estimate.gradients())
        .isEqualTo(estimate.network() + estimate.heads() + estimate.headState());
    assertThat(estimate.updater()).isEqualTo(estimate.network() + estimate.heads());
    assertThat(estimate.toString()).contains("heads 19.5, their state 39.1");
  }

  /** Weights of the chosen classes and their gradient are copies, their logits fewer. */
  @Test
  void partOfTheClassesHasFewerLogits() {
    long matrix = 4L * 512 * IDENTITIES;
    long logits = 4L * 128 * IDENTITIES * 2;
    assertThat(of("").logits()).isEqualTo(4 * logits);
    assertThat(of("class-share = 0.1").logits()).isEqualTo(4 * logits / 10 + 2 * (2 * matrix) / 10);
    assertThat(of("class-split = 4").logits()).isEqualTo(4 * logits / 4 + 2 * (2 * matrix) / 4);
  }

  @Test
  void withoutASetTheHeadsAreNotKnown() {
    MemoryEstimate estimate =
        MemoryEstimate.of(PlanFile.parse(PLAN.formatted(""), "plan.conf", List.of()).plan(), 0, 0);
    assertThat(estimate.heads() + estimate.headState() + estimate.logits()).isZero();
  }
}
