package io.sparkface.pipeline.distribute;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers in a ring over TCP, each connected to the next. A sum over W workers takes W - 1 steps in
 * which every worker sends one of W segments on and adds the one it receives, and W - 1 in which
 * the finished segments go round: 2 (W - 1) / W of the vector's bytes each way, whatever W
 * (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
 * 2009). A segment is added up in one place only, so that all workers end with the same bits.
 *
 * <p>For one thread. A neighbour that is gone or silent is a {@link LostPeerException}.
 */
final class Ring implements GradientSum, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Ring.class);

  /** Values exchanged at a time. */
  private static final int PIECE = 1 << 20;

  /** Of {@link #gather}. */
  private static final int LONGEST_MESSAGE = 1 << 30;

  private static final int SOCKET_BUFFER = 4 << 20;
  private static final Duration GREETING = Duration.ofSeconds(30);

  private final int rank;
  private final int size;
  private final Duration patience;
  private SocketChannel next;
  private SocketChannel previous;
  private Selector selector;
  private SelectionKey sending;
  private SelectionKey receiving;
  private ByteBuffer scratch;
  private long sent;

  private Ring(int rank, int size, Duration patience) {
    this.rank = rank;
    this.size = size;
    this.patience = patience;
  }

  /**
   * Takes this worker's place; returns when both neighbours are connected.
   *
   * @param members where worker 0, 1, … listens
   * @param listening this worker's own socket, already open; closed here
   * @param patience how long a neighbour may be silent
   */
  static Ring join(
      int rank,
      List<InetSocketAddress> members,
      ServerSocketChannel listening,
      Handshake handshake,
      Duration patience)
      throws IOException {
    Ring ring = new Ring(rank, members.size(), patience);
    try (listening) {
      if (members.size() > 1) {
        ring.connect(members, listening, handshake);
      }
      return ring;
    } catch (IOException | RuntimeException e) {
      ring.close();
      throw e;
    }
  }

  private void connect(
      List<InetSocketAddress> members, ServerSocketChannel listening, Handshake handshake)
      throws IOException {
    int before = (rank + size - 1) % size;
    // both at once: each neighbour waits for an answer before it answers itself
    CompletableFuture<SocketChannel> accepted =
        CompletableFuture.supplyAsync(() -> accept(listening, handshake, before));
    InetSocketAddress address = members.get((rank + 1) % size);
    next = SocketChannel.open();
    tune(next);
    try {
      next.socket().connect(address, Math.toIntExact(GREETING.toMillis()));
      next.socket().setSoTimeout(Math.toIntExact(patience.toMillis()));
      handshake.call(next.socket().getInputStream(), next.socket().getOutputStream(), rank);
    } catch (IOException e) {
      throw new LostPeerException(
          "worker " + (rank + 1) % size + " at " + address + " cannot be reached: " + e, e);
    }
    try {
      previous = accepted.join();
    } catch (CompletionException e) {
      throw new LostPeerException("worker " + before + " did not connect: " + e.getCause(), e);
    }
    selector = Selector.open();
    sending = register(next);
    receiving = register(previous);
    scratch = ByteBuffer.allocateDirect(4 * PIECE).order(ByteOrder.nativeOrder());
  }

  private SocketChannel accept(ServerSocketChannel listening, Handshake handshake, int expected) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (true) {
        long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
        listening.socket().setSoTimeout(Math.toIntExact(left));
        SocketChannel channel = listening.socket().accept().getChannel();
        try {
          channel.socket().setSoTimeout(Math.toIntExact(GREETING.toMillis()));
          int caller =
              handshake.answer(
                  channel.socket().getInputStream(), channel.socket().getOutputStream(), size);
          if (caller == expected) {
            tune(channel);
            return channel;
          }
          LOG.warn("worker {} called where worker {} belongs", caller, expected);
        } catch (IOException stranger) {
          LOG.warn("refused {}: {}", channel.getRemoteAddress(), stranger.getMessage());
        }
        channel.close();
      }
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static void tune(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
  }

  private SelectionKey register(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    return channel.register(selector, 0);
  }

  int rank() {
    return rank;
  }

  int size() {
    return size;
  }

  /** Bytes that this worker has sent round the ring. */
  long sent() {
    return sent;
  }

  @Override
  public void sum(HostFloats vector) throws IOException {
    for (int step = 0; step < size - 1; step++) {
      long out = segment(rank - step);
      long in = segment(rank - step - 1);
      reduce(vector, out, in);
    }
    for (int step = 0; step < size - 1; step++) {
      gather(vector, segment(rank + 1 - step), segment(rank - step));
    }
    vector.written();
  }

  /** The index of a segment, counted round the ring. */
  private int segment(int index) {
    return Math.floorMod(index, size);
  }

  private long start(HostFloats vector, long segment) {
    return vector.length() * segment / size;
  }

  private void reduce(HostFloats vector, long out, long in) throws IOException {
    Pieces sent = new Pieces(start(vector, out), start(vector, out + 1));
    Pieces got = new Pieces(start(vector, in), start(vector, in + 1));
    while (sent.left() || got.left()) {
      ByteBuffer outgoing = vector.bytes(sent.from, sent.to());
      ByteBuffer own = vector.bytes(got.from, got.to());
      scratch.clear().limit(own.remaining());
      exchange(outgoing, scratch);
      add(own.asFloatBuffer(), scratch.flip().asFloatBuffer());
      sent.advance();
      got.advance();
    }
  }

  private void gather(HostFloats vector, long out, long in) throws IOException {
    Pieces sent = new Pieces(start(vector, out), start(vector, out + 1));
    Pieces got = new Pieces(start(vector, in), start(vector, in + 1));
    while (sent.left() || got.left()) {
      exchange(vector.bytes(sent.from, sent.to()), vector.bytes(got.from, got.to()));
      sent.advance();
      got.advance();
    }
  }

  private static void add(FloatBuffer own, FloatBuffer other) {
    for (int i = 0; i < own.limit(); i++) {
      own.put(i, own.get(i) + other.get(i));
    }
  }

  /** Replaces every worker's {@code vector} by that of worker 0. */
  void broadcast(HostFloats vector) throws IOException {
    Pieces pieces = new Pieces(0, size > 1 ? vector.length() : 0);
    ByteBuffer onward = vector.bytes(0, 0);
    boolean passesOn = rank < size - 1;
    while (pieces.left()) {
      ByteBuffer piece = vector.bytes(pieces.from, pieces.to());
      if (rank == 0) {
        exchange(piece, vector.bytes(0, 0));
      } else {
        exchange(onward, piece);
        onward = passesOn ? piece.flip() : vector.bytes(0, 0);
      }
      pieces.advance();
    }
    if (rank > 0) {
      exchange(onward, vector.bytes(0, 0));
    }
    vector.written();
  }

  /**
   * Every worker's message, by worker. They may differ in length, and go round the ring whole: W -
   * 1 messages each way, whatever is in them.
   */
  List<byte[]> gather(byte[] own) throws IOException {
    byte[][] all = new byte[size][];
    all[rank] = own;
    for (int step = 0; step < size - 1; step++) {
      byte[] onward = all[segment(rank - step)];
      ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
      exchange(ByteBuffer.allocate(Integer.BYTES).putInt(onward.length).flip(), length);
      int arriving = length.flip().getInt();
      if (arriving < 0 || arriving > LONGEST_MESSAGE) {
        throw new ProtocolException("a message of " + arriving + " bytes");
      }
      byte[] message = new byte[arriving];
      // by pieces: a channel copies what is on the heap, all of it at once
      int pieces = (int) ((Math.max(onward.length, arriving) + 4L * PIECE - 1) / (4L * PIECE));
      for (int piece = 0; piece < pieces; piece++) {
        exchange(piece(onward, piece), piece(message, piece));
      }
      all[segment(rank - step - 1)] = message;
    }
    return List.of(all);
  }

  private static ByteBuffer piece(byte[] message, int index) {
    int from = (int) Math.min(message.length, 4L * PIECE * index);
    return ByteBuffer.wrap(message, from, Math.min(4 * PIECE, message.length - from));
  }

  /** Sends and receives until both buffers are done. */
  private void exchange(ByteBuffer out, ByteBuffer in) throws IOException {
    try {
      while (out.hasRemaining() || in.hasRemaining()) {
        int written = out.hasRemaining() ? next.write(out) : 0;
        sent += written;
        boolean moved = written > 0;
        if (in.hasRemaining()) {
          int count = previous.read(in);
          if (count < 0) {
            throw new LostPeerException("worker " + segment(rank - 1) + " is gone");
          }
          moved |= count > 0;
        }
        if (!moved) {
          await(out.hasRemaining(), in.hasRemaining());
        }
      }
    } catch (LostPeerException e) {
      throw e;
    } catch (IOException e) {
      throw new LostPeerException("a neighbour of worker " + rank + " is gone: " + e, e);
    }
  }

  private void await(boolean toSend, boolean toReceive) throws IOException {
    sending.interestOps(toSend ? SelectionKey.OP_WRITE : 0);
    receiving.interestOps(toReceive ? SelectionKey.OP_READ : 0);
    int ready = selector.select(patience.toMillis());
    selector.selectedKeys().clear();
    if (Thread.currentThread().isInterrupted()) {
      throw new LostPeerException("interrupted while exchanging");
    }
    if (ready == 0) {
      throw new LostPeerException(
          "nothing moved between worker "
              + rank
              + " and its neighbours for "
              + patience.toSeconds()
              + " s");
    }
  }

  @Override
  public void close() throws IOException {
    for (Closeable part : new Closeable[] {selector, next, previous}) {
      if (part != null) {
        part.close();
      }
    }
  }

  /** A range in pieces. */
  private static final class Pieces {
    private long from;
    private final long end;

    Pieces(long from, long end) {
      this.from = from;
      this.end = end;
    }

    boolean left() {
      return from < end;
    }

    long to() {
      return Math.min(end, from + PIECE);
    }

    void advance() {
      from = to();
    }
  }
}
