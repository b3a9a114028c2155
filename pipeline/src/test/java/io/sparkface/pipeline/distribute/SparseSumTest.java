package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.pipeline.distribute.SparseSum.Segment;
import io.sparkface.pipeline.plan.Distribution.Code;
import io.sparkface.pipeline.plan.Distribution.Sharing;
import io.sparkface.pipeline.plan.Distribution.Threshold;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class SparseSumTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Backbone, its biases, and a head whose gradients are a thousand times as large. */
  private static final List<Segment> ENCODED =
      List.of(new Segment(0, 70_000), new Segment(70_030, 80_000));

  private static final List<Segment> EXACT = List.of(new Segment(70_000, 70_030));
  private static final long LENGTH = 80_000;
  private static final int STEPS = 6;

  private static INDArray gradient(int rank, int step) {
    Nd4j.getRandom().setSeed(1000L * rank + step);
    INDArray gradient = Nd4j.randn(DataType.FLOAT, LENGTH);
    gradient.get(NDArrayIndex.interval(70_000, LENGTH)).muli(1000);
    return gradient;
  }

  private static SparseSum sum(Ring ring, Code code, double density) {
    return new SparseSum(ring, new Sharing(density, Threshold.ARRAY, code), LENGTH, ENCODED, EXACT);
  }

  @ParameterizedTest
  @CsvSource({"2,VALUES", "3,VALUES", "2,SIGNS", "4,SIGNS"})
  void whatIsNotSentAtOnceIsSentLater(int workers, Code code) throws Exception {
    INDArray expected = Nd4j.zeros(DataType.DOUBLE, LENGTH);
    INDArray[][] gradients = new INDArray[workers][STEPS];
    for (int rank = 0; rank < workers; rank++) {
      for (int step = 0; step < STEPS; step++) {
        gradients[rank][step] = gradient(rank, step);
        expected.addi(gradients[rank][step].castTo(DataType.DOUBLE));
      }
    }
    INDArray[] totals = new INDArray[workers];
    InRing.run(
        workers,
        PATIENCE,
        (rank, ring) -> {
          INDArray total = Nd4j.zeros(DataType.DOUBLE, LENGTH);
          try (SparseSum sum = sum(ring, code, 0.02)) {
            for (int step = 0; step < STEPS; step++) {
              if (step == STEPS - 1) {
                sum.settle();
              }
              INDArray gradient = gradients[rank][step].dup();
              sum.sum(HostFloats.of(gradient));
              total.addi(gradient.castTo(DataType.DOUBLE));
            }
          }
          totals[rank] = total;
        });
    for (INDArray total : totals) {
      assertThat(total.equalsWithEps(totals[0], 0)).as("same bits").isTrue();
      // float sums of numbers up to some thousands
      assertThat(total.equalsWithEps(expected, 0.02)).isTrue();
    }
  }

  @Test
  void everyArrayGetsItsShareAndSmallOnesAreExact() throws Exception {
    INDArray[] gradients = {gradient(0, 0), gradient(1, 0)};
    INDArray biases = gradients[0].add(gradients[1]).get(NDArrayIndex.interval(70_000, 70_030));
    InRing.run(
        2,
        PATIENCE,
        (rank, ring) -> {
          INDArray gradient = gradients[rank];
          try (SparseSum sum = sum(ring, Code.VALUES, 0.02)) {
            sum.sum(HostFloats.of(gradient));
          }
          assertThat(gradient.get(NDArrayIndex.interval(70_000, 70_030)).equalsWithEps(biases, 0))
              .isTrue();
          for (Segment segment : ENCODED) {
            double sent =
                gradient
                    .get(NDArrayIndex.interval(segment.from(), segment.to()))
                    .neq(0)
                    .castTo(DataType.FLOAT)
                    .meanNumber()
                    .doubleValue();
            // of two workers, mostly at different places
            assertThat(sent).isBetween(0.02, 0.06);
          }
          // 1 + 2 bytes a number, of 4 bytes that all of them have
          assertThat(ring.sent()).isLessThan(LENGTH * 4 / 25);
        });
  }

  @Test
  void oneThresholdForTheNetworkLeavesTheBackboneOut() throws Exception {
    INDArray[] gradients = {gradient(0, 0), gradient(1, 0)};
    InRing.run(
        2,
        PATIENCE,
        (rank, ring) -> {
          INDArray gradient = gradients[rank];
          try (SparseSum sum =
              new SparseSum(
                  ring,
                  new Sharing(0.02, Threshold.NETWORK, Code.SIGNS),
                  LENGTH,
                  List.of(new Segment(0, LENGTH)),
                  List.of())) {
            sum.sum(HostFloats.of(gradient));
          }
          assertThat(gradient.get(NDArrayIndex.interval(0, 70_000)).amaxNumber().doubleValue())
              .isZero();
        });
  }

  @Test
  void aValueThatIsNotFiniteArrives() throws Exception {
    INDArray[] gradients = {gradient(0, 0), gradient(1, 0)};
    InRing.run(
        2,
        PATIENCE,
        (rank, ring) -> {
          INDArray gradient = gradients[rank];
          if (rank == 1) {
            gradient.putScalar(77, Float.NaN);
          }
          try (SparseSum sum = sum(ring, Code.VALUES, 0.02)) {
            sum.sum(HostFloats.of(gradient));
          }
          assertThat(gradient.getFloat(77)).isNaN();
        });
  }

  @Test
  void aMessageThatDoesNotFitIsRefused() {
    HostFloats gradient = HostFloats.of(Nd4j.zeros(DataType.FLOAT, 10));
    SparseMessage message = new SparseMessage(Code.VALUES);
    message.begin(1);
    message.add(new float[] {0, 0, 0, 2, 0, 0, 0, -3}, 8, 1);
    message.end();
    byte[] good = message.bytes();
    assertThatThrownBy(
            () -> new SparseMessage.Reader(good, Code.VALUES).addTo(gradient, new Segment(0, 7)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("leaves its segment");
    for (int length = 0; length < good.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(good, length);
      assertThatThrownBy(
              () -> new SparseMessage.Reader(cut, Code.VALUES).addTo(gradient, new Segment(0, 8)))
          .isInstanceOfAny(ProtocolException.class, java.nio.BufferUnderflowException.class);
    }
  }
}
