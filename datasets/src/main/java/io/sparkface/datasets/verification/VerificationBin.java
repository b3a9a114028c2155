package io.sparkface.datasets.verification;

import io.sparkface.base.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The {@code .bin} of a verification set: a pickle of (2 P pictures, P booleans) (spec 1.8). */
public final class VerificationBin {
  private static final int MOST_BYTES = 1 << 30;

  private VerificationBin() {}

  /**
   * @param where named in errors
   * @throws UserError when it is no such pickle
   */
  public static List<FacePair> read(InputStream in, String where) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES);
    if (bytes.length == MOST_BYTES) {
      throw new UserError(
          "the file is larger than " + MOST_BYTES + " bytes", where, "split the set");
    }
    Object content = PickleReader.read(bytes, where);
    if (!(content instanceof List<?> pair)
        || pair.size() != 2
        || !(pair.get(0) instanceof List<?> pictures)
        || !(pair.get(1) instanceof List<?> answers)) {
      throw wrong("the pickle is not (pictures, answers)", where);
    }
    if (pictures.size() != 2L * answers.size()) {
      throw wrong(
          "there are " + pictures.size() + " pictures for " + answers.size() + " pairs", where);
    }
    List<FacePair> pairs = new ArrayList<>(answers.size());
    for (int i = 0; i < answers.size(); i++) {
      pairs.add(
          new FacePair(
              i,
              picture(pictures.get(2 * i), 2 * i, where),
              picture(pictures.get(2 * i + 1), 2 * i + 1, where),
              answer(answers.get(i), i, where)));
    }
    return pairs;
  }

  private static byte[] picture(Object value, int index, String where) {
    Object plain = PickleReader.finished(value, where);
    if (plain instanceof byte[] bytes) {
      return bytes;
    }
    throw wrong("picture " + index + " is not a byte string", where);
  }

  private static boolean answer(Object value, int index, String where) {
    if (value instanceof Boolean same) {
      return same;
    }
    if (value instanceof Long number && (number == 0 || number == 1)) {
      return number == 1;
    }
    throw wrong("answer " + index + " is neither true nor false", where);
  }

  private static UserError wrong(String problem, String where) {
    return new UserError(problem, where, "name a verification .bin, such as lfw.bin");
  }

  /** Writes pairs as a list of byte strings and a list of booleans, pickle protocol 3. */
  public static void write(OutputStream out, List<FacePair> pairs) throws IOException {
    out.write(new byte[] {(byte) 0x80, 3, ']', ']', '('});
    for (FacePair pair : pairs) {
      bytes(out, pair.first());
      bytes(out, pair.second());
    }
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    rest.writeBytes(new byte[] {'e', 'a', ']', '('});
    for (FacePair pair : pairs) {
      rest.write(pair.same() ? 0x88 : 0x89);
    }
    rest.writeBytes(new byte[] {'e', 'a', '.'});
    rest.writeTo(out);
  }

  private static void bytes(OutputStream out, byte[] picture) throws IOException {
    out.write('B');
    out.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(picture.length).array());
    out.write(picture);
  }
}
