package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class RingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  interface Work {
    void at(int rank, Ring ring) throws Exception;
  }

  /** Runs one thread per worker and rethrows what the first failing one threw. */
  static void inRing(int size, Duration patience, Work work) throws Exception {
    byte[] secret = Handshake.newSecret();
    List<ServerSocketChannel> sockets = new ArrayList<>();
    List<InetSocketAddress> members = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      ServerSocketChannel socket = WorkerAddress.listen(InetAddress.getLoopbackAddress(), 0);
      sockets.add(socket);
      members.add((InetSocketAddress) socket.getLocalAddress());
    }
    List<CompletableFuture<Void>> workers = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      int own = rank;
      CompletableFuture<Void> done = new CompletableFuture<>();
      workers.add(done);
      new Thread(
              () -> {
                try (Ring ring =
                    Ring.join(own, members, sockets.get(own), new Handshake(secret), patience)) {
                  work.at(own, ring);
                  done.complete(null);
                } catch (Throwable e) {
                  done.completeExceptionally(e);
                }
              })
          .start();
    }
    try {
      CompletableFuture.allOf(workers.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception known ? known : e;
    }
  }

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
    inRing(
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
    inRing(
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
                inRing(
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
                inRing(
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
}
