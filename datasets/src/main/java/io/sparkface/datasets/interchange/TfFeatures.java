package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What a {@code tf.train.Example} holds, as {@link TfExample} writes it: the first value of each
 * feature of bytes or whole numbers. Features of floats are passed over.
 */
final class TfFeatures {
  private static final int MOST_FEATURES = 1000;
  private static final int BYTES_LIST = 1;
  private static final int INT64_LIST = 3;

  private final Map<String, ByteBuffer> bytes = new HashMap<>();
  private final Map<String, Long> integers = new HashMap<>();
  private final String where;
  private final String remedy;

  private TfFeatures(String where, String remedy) {
    this.where = where;
    this.remedy = remedy;
  }

  /**
   * @param where named in errors
   * @param remedy what to do where a feature is not there
   * @throws UserError when it is no such message
   */
  static TfFeatures of(byte[] example, String where, String remedy) {
    TfFeatures found = new TfFeatures(where, remedy);
    ProtoReader in = new ProtoReader(ByteBuffer.wrap(example), where);
    while (in.next()) {
      if (in.field() == 1) {
        found.features(new ProtoReader(in.bytes(), where));
      } else {
        in.skip();
      }
    }
    return found;
  }

  private void features(ProtoReader in) {
    int count = 0;
    while (in.next()) {
      if (++count > MOST_FEATURES) {
        throw new UserError("more than " + MOST_FEATURES + " features", where, "check the file");
      }
      if (in.field() == 1) {
        entry(new ProtoReader(in.bytes(), where));
      } else {
        in.skip();
      }
    }
  }

  private void entry(ProtoReader in) {
    String name = "";
    ByteBuffer value = ByteBuffer.allocate(0);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = StandardCharsets.UTF_8.decode(in.bytes()).toString();
        case 2 -> value = in.bytes();
        default -> in.skip();
      }
    }
    ProtoReader feature = new ProtoReader(value, where);
    while (feature.next()) {
      switch (feature.field()) {
        case BYTES_LIST -> firstBytes(name, new ProtoReader(feature.bytes(), where));
        case INT64_LIST -> firstInteger(name, new ProtoReader(feature.bytes(), where));
        default -> feature.skip();
      }
    }
  }

  private void firstBytes(String name, ProtoReader list) {
    while (list.next()) {
      if (list.field() == 1) {
        bytes.putIfAbsent(name, list.bytes());
      } else {
        list.skip();
      }
    }
  }

  /** TensorFlow packs the numbers of a list into one field of bytes; others need not. */
  private void firstInteger(String name, ProtoReader list) {
    while (list.next()) {
      if (list.field() != 1) {
        list.skip();
      } else if (!list.isBytes()) {
        integers.putIfAbsent(name, list.integer());
      } else {
        ByteBuffer packed = list.bytes();
        if (packed.hasRemaining()) {
          integers.putIfAbsent(name, new ProtoReader(packed, where).varint());
        }
      }
    }
  }

  /**
   * @throws UserError when there is no such feature of bytes
   */
  ByteBuffer bytes(String name) {
    ByteBuffer found = bytes.get(name);
    if (found == null) {
      throw missing(name);
    }
    return found.duplicate();
  }

  /**
   * @throws UserError when there is no such feature of whole numbers
   */
  long integer(String name) {
    Long found = integers.get(name);
    if (found == null) {
      throw missing(name);
    }
    return found;
  }

  private UserError missing(String name) {
    return new UserError("a record has no " + name, where, remedy);
  }
}
