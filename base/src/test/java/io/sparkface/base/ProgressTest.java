package io.sparkface.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final AtomicLong clock = new AtomicLong();

  @Test
  void saysRateAndTimeLeft() {
    Progress progress = new Progress("convert", "images", 4_000, clock::get);
    clock.set(10_000_000_000L);
    progress.add(1_000);
    assertThat(progress.rate()).isEqualTo(100.0);
    assertThat(progress.line()).isEqualTo("convert: 1,000/4,000 images, 100.0/s, 0:30 left");
  }

  @Test
  void saysNoTimeLeftWhereTheTotalIsUnknown() {
    Progress progress = new Progress("scan", "records", 0, clock::get);
    clock.set(2_000_000_000L);
    progress.add(10);
    assertThat(progress.line()).isEqualTo("scan: 10 records, 5.0/s");
  }

  @Test
  void countsHours() {
    Progress progress = new Progress("train", "images", 36_010, clock::get);
    clock.set(10_000_000_000L);
    progress.add(10);
    assertThat(progress.line()).endsWith("10:00:00 left");
  }
}
