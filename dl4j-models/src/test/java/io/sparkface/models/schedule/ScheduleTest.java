package io.sparkface.models.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.schedule.ISchedule;

/** Golden values of spec 6.1. */
class ScheduleTest {
  private static final int STEPS = 100;

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0.10000000",
    "0, 50, 0.09975926",
    "1, 0, 0.09903936",
    "8, 0, 0.050005",
    "15, 99, 1.009637e-5",
    "16, 0, 1.0000000e-5",
    "16, 99, 1.0000000e-5",
    "17, 0, 0.050005",
    "33, 0, 0.0250075",
    "49, 0, 1.0000000e-5",
    "49, 99, 1.0000000e-5",
    "50, 0, 0.0250075",
    "114, 50, 1.0000000e-5",
    "115, 0, 0.01250875",
    "243, 0, 1.0000000e-5",
    "244, 0, 1.0000000e-5",
    "1000, 7, 1.0000000e-5"
  })
  void cosineRestartsAfterACooldown(int epoch, int batch, BigDecimal rate) {
    Cosine cosine = new Cosine(0.1, 0.5, 16, 0, 1, 1e-5, STEPS);
    assertDigits(cosine.valueAt(epoch * STEPS + batch, epoch), rate);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1.0000000e-5",
    "0, 50, 0.016675",
    "1, 0, 0.03334",
    "8, 0, 0.07778073",
    "19, 0, 1.0000000e-5",
    "19, 99, 1.0000000e-5",
    "20, 0, 0.050005",
    "52, 3, 1.0000000e-5",
    "53, 0, 0.0250075"
  })
  void cosineBeginsWithAWarmUp(int epoch, int batch, BigDecimal rate) {
    Cosine cosine = new Cosine(0.1, 0.5, 16, 3, 1, 1e-5, STEPS);
    assertDigits(cosine.valueAt(epoch * STEPS + batch, epoch), rate);
  }

  /** Within half a unit of the last digit given. */
  private static void assertDigits(double found, BigDecimal given) {
    assertThat(found)
        .isCloseTo(given.doubleValue(), within(given.ulp().doubleValue() * (.5 + 1e-9)));
  }

  /** 0.001 * 1e-4 is not 1e-7 in floating point, but meant to be. */
  @Test
  void cosineDoesNotRestartWhereTheSecondPeakWouldBeTheFloor() {
    Cosine cosine = new Cosine(0.001, 1e-4, 16, 0, 1, 1e-7, 1);
    assertThat(0.001 * 1e-4).isNotEqualTo(1e-7);
    assertThat(cosine.valueAt(8, 8)).isCloseTo(0.00050005, within(1e-12));
    for (int epoch = 16; epoch < 100; epoch++) {
      assertThat(cosine.valueAt(epoch, epoch)).isCloseTo(1e-7, within(1e-18));
    }
  }

  @Test
  void exponentialFallsAfterTheWarmUp() {
    Exponential rates = new Exponential(0.1, 0.05, 4, 1e-6);
    assertThat(rates.valueAt(9, 0)).isEqualTo(1e-6);
    assertThat(rates.valueAt(9, 2)).isCloseTo(1e-6 + (0.1 - 1e-6) / 2, within(1e-15));
    assertThat(rates.valueAt(9, 4)).isEqualTo(0.1);
    assertThat(rates.valueAt(9, 24)).isCloseTo(0.1 * Math.exp(-1), within(1e-15));
    assertThat(rates.valueAt(9, 1000)).isEqualTo(1e-6);
  }

  @Test
  void stepsMultiplyAtTheirEpochs() {
    Steps rates = new Steps(0.1, 0.1, List.of(20, 30), 2);
    assertThat(rates.valueAt(0, 0)).isCloseTo(1e-3, within(1e-15));
    assertThat(rates.valueAt(0, 1)).isCloseTo(0.0505, within(1e-15));
    assertThat(rates.valueAt(0, 2)).isEqualTo(0.1);
    assertThat(rates.valueAt(0, 19)).isEqualTo(0.1);
    assertThat(rates.valueAt(0, 20)).isCloseTo(0.01, within(1e-15));
    assertThat(rates.valueAt(0, 30)).isCloseTo(1e-3, within(1e-15));
  }

  @Test
  void polynomialReachesZero() {
    Polynomial rates = new Polynomial(0.2, 2, 110, 10);
    assertThat(rates.valueAt(0, 0)).isZero();
    assertThat(rates.valueAt(5, 0)).isCloseTo(0.1, within(1e-15));
    assertThat(rates.valueAt(10, 0)).isEqualTo(0.2);
    assertThat(rates.valueAt(60, 0)).isCloseTo(0.05, within(1e-15));
    assertThat(rates.valueAt(110, 0)).isZero();
    assertThat(rates.valueAt(500, 0)).isZero();
  }

  @Test
  void aLaterStageGoesOnWhereTheRunStands() {
    Steps rates = new Steps(0.1, 0.1, List.of(3), 0);
    assertThat(rates.from(0, 0)).isSameAs(rates);
    assertThat(rates.from(70, 2).valueAt(0, 0)).isEqualTo(0.1);
    assertThat(rates.from(70, 2).valueAt(0, 1)).isCloseTo(0.01, within(1e-15));
    Polynomial byStep = new Polynomial(1, 1, 100, 0);
    assertThat(byStep.from(40, 2).valueAt(10, 0)).isEqualTo(0.5);
  }

  private static Stream<Schedule> all() {
    Cosine cosine = new Cosine(0.1, 0.5, 16, 3, 1, 1e-5, STEPS);
    return Stream.of(
        new Constant(0.1),
        new Exponential(0.1, 0.05, 4, 1e-6),
        new Steps(0.1, 0.1, List.of(20, 30), 2),
        new Polynomial(0.2, 2, 110, 10),
        cosine,
        cosine.from(7, 1));
  }

  @ParameterizedTest
  @MethodSource("all")
  void comesBackFromJson(Schedule schedule) throws Exception {
    String json = JsonMappers.getMapper().writerFor(ISchedule.class).writeValueAsString(schedule);
    assertThat(JsonMappers.getMapper().readValue(json, ISchedule.class)).isEqualTo(schedule);
  }
}
