package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class RingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static INDArray vector(int rank, long length) {
    return Nd4j.linspace(DataType.FLOAT, rank, 0.25 + rank / 8.0, length);
  }

  // lengths below the ring's size, not divisible by it, and of several pieces
  @ParameterizedTest
  @CsvSource({"1,5", "2,2", "2,7", "3,2", "3,1000", "4,1001", "5,4", "2,4500000"})
  void sumsAlikeEverywhere(int size, long length) throws Exception {
    INDArray expected = vector(0, length);
    for (int rank = 1; rank < size; rank++) {
      expected.addi(vector(rank, length));
    }
    INDArray[] sums = new INDArray[size];
    InRing.run(
        size,
        PATIENCE,
        (rank, ring) -> {
          // a view that begins inside its buffer, as a network's gradient may
          INDArray buffer = Nd4j.zeros(DataType.FLOAT, length + 3);
          INDArray view = buffer.get(NDArrayIndex.interval(3, length + 3));
          view.assign(vector(rank, length));
          ring.sum(HostFloats.of(view));
          assertThat(buffer.getFloat(2)).isZero();
          sums[rank] = view;
        });
    for (INDArray sum : sums) {
      assertThat(sum.equalsWithEps(sums[0], 0)).as("same bits").isTrue();
      assertThat(sum.equalsWithEps(expected, 1e-5 * length)).isTrue();
      assertThat(sum.getFloat(length - 1))
          .isCloseTo(
              expected.getFloat(length - 1),
              org.assertj.core.api.Assertions.withinPercentage(1e-3));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,4", "2,3", "4,2500000"})
  void broadcastsWorkerZero(int size, long length) throws Exception {
    InRing.run(
        size,
        PATIENCE,
        (rank, ring) -> {
          INDArray own = vector(rank, length);
          ring.broadcast(HostFloats.of(own));
          assertThat(own).isEqualTo(vector(0, length));
        });
  }

  @Test
  void aSilentNeighbourIsLost() {
    assertThatThrownBy(
            () ->
                InRing.run(
                    2,
                    Duration.ofMillis(300),
                    (rank, ring) -> {
                      if (rank == 0) {
                        ring.sum(HostFloats.of(vector(0, 10)));
                      } else {
                        Thread.sleep(1500);
                      }
                    }))
        .isInstanceOf(LostPeerException.class)
        .hasMessageContaining("nothing moved");
  }

  @Test
  void aNeighbourThatLeavesIsLost() {
    assertThatThrownBy(
            () ->
                InRing.run(
                    3,
                    PATIENCE,
                    (rank, ring) -> {
                      if (rank != 1) {
                        ring.sum(HostFloats.of(vector(0, 10)));
                      }
                    }))
        .isInstanceOf(LostPeerException.class)
        .hasMessageContaining("gone");
  }

  // messages that are empty, differ in length, and are of several pieces
  @ParameterizedTest
  @CsvSource({"1,0", "2,0", "3,7", "4,9000001"})
  void everyMessageComesToAll(int size, int longest) throws Exception {
    byte[][] messages = new byte[size][];
    for (int rank = 0; rank < size; rank++) {
      messages[rank] = new byte[longest / (rank + 1)];
      new java.util.Random(rank).nextBytes(messages[rank]);
    }
    InRing.run(
        size,
        PATIENCE,
        (rank, ring) -> {
          for (int again = 0; again < 2; again++) {
            assertThat(ring.gather(messages[rank])).containsExactly(messages);
          }
          assertThat(ring.sent() > 0).isEqualTo(size > 1);
        });
  }
}
