package io.sparkface.pipeline.distribute;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/** A vector through a stream: its length, then its values in the machine's byte order. */
final class FloatStream {
  private static final int PIECE = 1 << 18;

  private FloatStream() {}

  static void write(HostFloats vector, DataOutputStream out) throws IOException {
    out.writeLong(vector.length());
    byte[] piece = new byte[4 * PIECE];
    for (long from = 0; from < vector.length(); from += PIECE) {
      ByteBuffer bytes = vector.bytes(from, Math.min(vector.length(), from + PIECE));
      int count = bytes.remaining();
      bytes.get(piece, 0, count);
      out.write(piece, 0, count);
    }
    out.flush();
  }

  static void read(HostFloats vector, DataInputStream in) throws IOException {
    long length = in.readLong();
    if (length != vector.length()) {
      throw new ProtocolException("expected " + vector.length() + " values, not " + length);
    }
    byte[] piece = new byte[4 * PIECE];
    for (long from = 0; from < length; from += PIECE) {
      ByteBuffer bytes = vector.bytes(from, Math.min(length, from + PIECE));
      int count = bytes.remaining();
      in.readFully(piece, 0, count);
      bytes.put(piece, 0, count);
    }
    vector.written();
  }
}
