package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.distribute.SparseSum.Segment;
import io.sparkface.pipeline.plan.Distribution.Code;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The large numbers of a gradient, segment after segment, little-endian:
 *
 * <pre>
 * float threshold, int count, then for each number
 *   varint    distance from the number before, in positions; shifted left by 1 with the sign in
 *             bit 0 for {@link Code#SIGNS}
 *   bfloat16  the number, for {@link Code#VALUES}
 * </pre>
 */
final class SparseMessage {
  private final Code code;
  private byte[] bytes = new byte[1 << 16];
  private int length;
  private int countAt;
  private int count;
  private int before;
  private int position;

  SparseMessage(Code code) {
    this.code = code;
  }

  /** Begins a segment. */
  void begin(float threshold) {
    room(8);
    putInt(Float.floatToRawIntBits(threshold));
    countAt = length;
    putInt(0);
    count = 0;
    before = -1;
    position = 0;
  }

  /**
   * Takes the next {@code number} values of the segment: what reaches the threshold is sent, and
   * taken off {@code values}.
   *
   * @return whether anything was
   */
  boolean add(float[] values, int number, float threshold) {
    int countBefore = count;
    for (int i = 0; i < number; i++) {
      float value = values[i];
      // written so that a NaN is sent, and found, too
      if (!(Math.abs(value) < threshold)) {
        values[i] = value - put(position + i, value, threshold);
      }
    }
    position += number;
    return count > countBefore;
  }

  private float put(int at, float value, float threshold) {
    room(8);
    int distance = at - before;
    before = at;
    count++;
    if (code == Code.SIGNS) {
      putVarint((long) distance << 1 | (value < 0 ? 1 : 0));
      return Float.isNaN(value) ? value : Math.copySign(threshold, value);
    }
    putVarint(distance);
    int half = half(value);
    bytes[length++] = (byte) half;
    bytes[length++] = (byte) (half >> 8);
    return Float.intBitsToFloat(half << 16);
  }

  /** The nearest bfloat16. */
  private static int half(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isFinite(value) ? bits + 0x7FFF + (bits >>> 16 & 1) >>> 16 : bits >>> 16;
  }

  void end() {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(countAt, count);
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void putInt(int value) {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(length, value);
    length += Integer.BYTES;
  }

  private void putVarint(long value) {
    long left = value;
    while (left >= 0x80) {
      bytes[length++] = (byte) (left | 0x80);
      left >>>= 7;
    }
    bytes[length++] = (byte) left;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, Math.multiplyExact(bytes.length, 2)));
    }
  }

  /** Adds a worker's message to a gradient. */
  static final class Reader {
    private final ByteBuffer message;
    private final Code code;

    Reader(byte[] message, Code code) {
      this.message = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
      this.code = code;
    }

    /**
     * Adds the next segment.
     *
     * @throws ProtocolException when the message does not fit it
     */
    void addTo(HostFloats gradient, Segment segment) throws ProtocolException {
      if (message.remaining() < 8) {
        throw new ProtocolException("a message of gradients ends too early");
      }
      float threshold = message.getFloat();
      int count = message.getInt();
      if (count < 0 || count > message.remaining()) {
        throw new ProtocolException("a message of gradients counts " + count + " numbers");
      }
      ByteBuffer window = null;
      long windowFrom = 0;
      long windowTo = 0;
      long at = segment.from() - 1;
      for (int i = 0; i < count; i++) {
        long step = varint();
        float value;
        if (code == Code.SIGNS) {
          value = (step & 1) == 1 ? -threshold : threshold;
          step >>>= 1;
        } else {
          value = Float.intBitsToFloat((message.getShort() & 0xFFFF) << 16);
        }
        at += step;
        if (step <= 0 || at >= segment.to()) {
          throw new ProtocolException("a message of gradients leaves its segment");
        }
        if (at >= windowTo) {
          windowFrom = at;
          windowTo = Math.min(segment.to(), at + SparseSum.WINDOW);
          window = gradient.bytes(windowFrom, windowTo);
        }
        int offset = (int) (4 * (at - windowFrom));
        window.putFloat(offset, window.getFloat(offset) + value);
      }
    }

    void requireEnd() throws ProtocolException {
      if (message.hasRemaining()) {
        throw new ProtocolException("a message of gradients is too long");
      }
    }

    private long varint() throws ProtocolException {
      long value = 0;
      for (int shift = 0; shift < 42; shift += 7) {
        if (message.remaining() == 0) {
          throw new ProtocolException("a message of gradients ends too early");
        }
        byte next = message.get();
        value |= (long) (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new ProtocolException("a distance in a message of gradients is too long");
    }
  }
}
