package io.sparkface.pipeline.distribute;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Workers as threads, in a ring of real sockets. */
final class InRing {
  private InRing() {}

  interface Work {
    void at(int rank, Ring ring) throws Exception;
  }

  /** Runs one thread per worker and rethrows what the first failing one threw. */
  static void run(int size, Duration patience, Work work) throws Exception {
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
}
