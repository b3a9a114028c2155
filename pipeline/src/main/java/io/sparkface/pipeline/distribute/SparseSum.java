package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.plan.Distribution.Sharing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sums gradients of which each worker sends only the largest numbers, and keeps the rest as a
 * residual that is added to its next gradient (error feedback: Strom, "Scalable distributed DNN
 * training using commodity GPU cloud computing", 2015; Lin et al., "Deep gradient compression",
 * 2018). What is large is decided by a threshold per array, as gradients of head and backbone
 * differ by orders of magnitude, or by one for all as in DL4J. Nothing is lost: the last step of
 * each part of an epoch is {@link #settle settled} in full, so that no residual outlives it.
 *
 * <p>All workers add up the same messages in the same order, and thus end with the same bits.
 */
final class SparseSum implements GradientSum, AutoCloseable {
  /** Numbers looked at to find a threshold. */
  private static final int SAMPLE = 1024;

  /** Numbers looked at through one buffer. */
  static final int WINDOW = 1 << 24;

  /** Numbers worked on at a time. */
  private static final int PIECE = 1 << 16;

  private final Ring ring;
  private final Sharing how;
  private final List<Segment> encoded;
  private final List<Segment> exact;
  private final INDArray kept;
  private final HostFloats residual;
  private final INDArray rest;
  private final float[] values = new float[PIECE];
  private final float[] feedback = new float[PIECE];
  private boolean settle;

  /** Numbers from {@code from} to {@code to}, which is not one of them. */
  record Segment(long from, long to) {
    long length() {
      return to - from;
    }
  }

  /**
   * @param length of the gradient
   * @param encoded what is sent in part, each with a threshold of its own
   * @param exact what is always sent as it is; the rest is zero
   */
  SparseSum(Ring ring, Sharing how, long length, List<Segment> encoded, List<Segment> exact) {
    this.ring = ring;
    this.how = how;
    this.encoded = List.copyOf(encoded);
    this.exact = List.copyOf(exact);
    this.kept = Nd4j.zeros(DataType.FLOAT, length);
    this.residual = HostFloats.of(kept);
    long small = exact.stream().mapToLong(Segment::length).sum();
    this.rest = Nd4j.zeros(DataType.FLOAT, Math.max(1, small));
  }

  /** Makes the next sum exact, residuals included. */
  void settle() {
    settle = true;
  }

  @Override
  public void sum(HostFloats gradient) throws IOException {
    if (settle) {
      settle = false;
      for (Segment segment : encoded) {
        takeResidual(gradient, segment);
      }
      ring.sum(gradient);
      return;
    }
    SparseMessage message = new SparseMessage(how.code());
    for (Segment segment : encoded) {
      encode(gradient, segment, message);
    }
    for (byte[] worker : ring.gather(message.bytes())) {
      SparseMessage.Reader reader = new SparseMessage.Reader(worker, how.code());
      for (Segment segment : encoded) {
        reader.addTo(gradient, segment);
      }
      reader.requireEnd();
    }
    sumExact(gradient);
    gradient.written();
  }

  private void sumExact(HostFloats gradient) throws IOException {
    HostFloats packed = HostFloats.of(rest);
    long at = 0;
    for (Segment segment : exact) {
      packed.bytes(at, at + segment.length()).put(gradient.bytes(segment.from(), segment.to()));
      at += segment.length();
    }
    packed.written();
    ring.sum(packed);
    at = 0;
    for (Segment segment : exact) {
      gradient.bytes(segment.from(), segment.to()).put(packed.bytes(at, at + segment.length()));
      at += segment.length();
    }
  }

  private void takeResidual(HostFloats gradient, Segment segment) {
    for (long from = segment.from(); from < segment.to(); from += PIECE) {
      int count = add(gradient, from, segment.to());
      ByteBuffer own = gradient.bytes(from, from + count);
      own.asFloatBuffer().put(feedback, 0, count);
      Arrays.fill(feedback, 0, count, 0);
      residual.bytes(from, from + count).asFloatBuffer().put(feedback, 0, count);
    }
    gradient.written();
  }

  /** Leaves gradient plus residual in {@link #feedback} and returns how many they are. */
  private int add(HostFloats gradient, long from, long end) {
    int count = (int) Math.min(PIECE, end - from);
    gradient.bytes(from, from + count).asFloatBuffer().get(values, 0, count);
    residual.bytes(from, from + count).asFloatBuffer().get(feedback, 0, count);
    for (int i = 0; i < count; i++) {
      feedback[i] += values[i];
    }
    return count;
  }

  private void encode(HostFloats gradient, Segment segment, SparseMessage message) {
    // in place of the residual until it is known what goes
    for (long from = segment.from(); from < segment.to(); from += PIECE) {
      int count = add(gradient, from, segment.to());
      residual.bytes(from, from + count).asFloatBuffer().put(feedback, 0, count);
      Arrays.fill(values, 0, count, 0);
      gradient.bytes(from, from + count).asFloatBuffer().put(values, 0, count);
    }
    float threshold = threshold(segment);
    message.begin(threshold);
    for (long from = segment.from(); from < segment.to(); from += PIECE) {
      int count = (int) Math.min(PIECE, segment.to() - from);
      ByteBuffer bytes = residual.bytes(from, from + count);
      bytes.asFloatBuffer().get(feedback, 0, count);
      if (message.add(feedback, count, threshold)) {
        bytes.asFloatBuffer().put(feedback, 0, count);
      }
    }
    message.end();
  }

  /** The magnitude that the wanted share of a segment's numbers reaches, by a sample of them. */
  private float threshold(Segment segment) {
    int count = (int) Math.min(SAMPLE, segment.length());
    float[] sample = new float[count];
    ByteBuffer window = null;
    long windowFrom = 0;
    long windowTo = 0;
    for (int i = 0; i < count; i++) {
      long at = segment.from() + segment.length() * i / count;
      if (at >= windowTo) {
        windowFrom = at;
        windowTo = Math.min(segment.to(), at + WINDOW);
        window = residual.bytes(windowFrom, windowTo);
      }
      sample[i] = Math.abs(window.getFloat((int) (4 * (at - windowFrom))));
    }
    Arrays.sort(sample);
    int above = (int) Math.max(1, Math.round(how.density() * count));
    // never 0: numbers that are 0 need not be sent
    return Math.max(Float.MIN_NORMAL, sample[count - above]);
  }

  @Override
  public void close() {
    kept.close();
    rest.close();
  }
}
