package io.sparkface.pipeline.distribute;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's end of the connections to the workers of one attempt: hands the parameters out,
 * queues what workers report, and takes the trained parameters in.
 */
final class Coordinator implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);
  private static final int GREETING_MILLIS = 30_000;

  private final ServerSocket server;
  private final Handshake handshake;
  private final int workers;
  private final List<HostFloats> start;
  private final List<HostFloats> trained;
  private final AtomicReferenceArray<String> addresses;
  private final CountDownLatch listening;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Set<Integer> ranks = ConcurrentHashMap.newKeySet();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** What happened at worker {@code rank}; without a report its connection ended. */
  record Event(int rank, Optional<Report> report) {}

  /**
   * @param start vectors that worker 0 gets
   * @param trained vectors of the same lengths, filled before worker 0 is reported as finished
   */
  Coordinator(
      InetSocketAddress address,
      Handshake handshake,
      int workers,
      List<HostFloats> start,
      List<HostFloats> trained)
      throws IOException {
    this.server = new ServerSocket();
    server.bind(address);
    this.handshake = handshake;
    this.workers = workers;
    this.addresses = new AtomicReferenceArray<>(workers);
    this.listening = new CountDownLatch(workers);
    this.start = start;
    this.trained = trained;
    thread("workers-accept", this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** The next event, or nothing when there was none for so long. */
  Optional<Event> next(Duration patience) throws InterruptedException {
    return Optional.ofNullable(events.poll(patience.toMillis(), TimeUnit.MILLISECONDS));
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        thread("worker-connection", () -> serve(socket));
      } catch (IOException e) {
        if (!server.isClosed()) {
          LOG.warn("cannot accept workers: {}", e.getMessage());
        }
      }
    }
  }

  private void serve(Socket socket) {
    int rank = -1;
    try (socket) {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.setSoTimeout(GREETING_MILLIS);
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
      int claimed = handshake.answer(in, out, workers);
      if (!ranks.add(claimed)) {
        LOG.warn("refused a second worker {} at {}", claimed, socket.getRemoteSocketAddress());
        return;
      }
      rank = claimed;
      // workers send a sign of life every few seconds
      socket.setSoTimeout(Math.toIntExact(Worker.SILENCE.toMillis()));
      converse(rank, in, out);
    } catch (IOException e) {
      if (rank < 0) {
        LOG.warn("refused {}: {}", socket.getRemoteSocketAddress(), e.getMessage());
      }
    } finally {
      open.remove(socket);
      if (rank >= 0) {
        events.add(new Event(rank, Optional.empty()));
      }
    }
  }

  private void converse(int rank, DataInputStream in, DataOutputStream out) throws IOException {
    while (true) {
      Report report = Report.read(in);
      if (report instanceof Report.Listening listening) {
        introduce(rank, listening.address(), out);
        continue;
      }
      if (rank == 0 && report instanceof Report.Finished) {
        for (HostFloats vector : trained) {
          FloatStream.read(vector, in);
        }
      }
      events.add(new Event(rank, Optional.of(report)));
      if (rank == 0 && report instanceof Report.Joined) {
        for (HostFloats vector : start) {
          FloatStream.write(vector, out);
        }
      }
      if (report instanceof Report.Finished || report instanceof Report.Failed) {
        return;
      }
    }
  }

  /** Waits until all workers listen, and tells this one where. */
  private void introduce(int rank, String address, DataOutputStream out) throws IOException {
    addresses.set(rank, address);
    listening.countDown();
    try {
      while (!listening.await(1, TimeUnit.SECONDS)) {
        if (server.isClosed()) {
          throw new EOFException("the attempt is over");
        }
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted while workers come");
    }
    out.writeInt(workers);
    for (int other = 0; other < workers; other++) {
      out.writeUTF(addresses.get(other));
    }
    out.flush();
  }

  private static void thread(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
