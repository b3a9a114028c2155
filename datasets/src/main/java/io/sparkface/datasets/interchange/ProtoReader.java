package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.nio.ByteBuffer;

/** Reads a protocol-buffers message field after field, never beyond its bytes. */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;
  private static final int MOST_BITS = 64;

  private final ByteBuffer in;
  private final String where;
  private int field;
  private int wireType;

  /**
   * @param where named in errors
   */
  ProtoReader(ByteBuffer in, String where) {
    this.in = in;
    this.where = where;
  }

  /** Goes to the next field, whose value is then to be read or skipped; false at the end. */
  boolean next() {
    if (!in.hasRemaining()) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (field <= 0) {
      throw damaged("a field of number " + field);
    }
    return true;
  }

  /** Number of the field. */
  int field() {
    return field;
  }

  /** Whether the field is bytes: text, a message, or numbers packed together. */
  boolean isBytes() {
    return wireType == BYTES;
  }

  /** The field's value. */
  long integer() {
    if (wireType != VARINT) {
      throw damaged("field " + field + " is no whole number");
    }
    return varint();
  }

  /** The field's value, not copied. */
  ByteBuffer bytes() {
    if (wireType != BYTES) {
      throw damaged("field " + field + " is no bytes");
    }
    return slice(varint());
  }

  /** Passes over the field's value. */
  void skip() {
    switch (wireType) {
      case VARINT -> varint();
      case FIXED_64 -> slice(8);
      case BYTES -> slice(varint());
      case FIXED_32 -> slice(4);
      default -> throw damaged("field " + field + " is of kind " + wireType);
    }
  }

  private ByteBuffer slice(long length) {
    if (length < 0 || length > in.remaining()) {
      throw damaged("field " + field + " claims " + length + " bytes");
    }
    ByteBuffer slice = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return slice;
  }

  /** A number of 7 bits a byte, the lowest first; the highest bit says that more follow. */
  long varint() {
    long value = 0;
    for (int shift = 0; shift < MOST_BITS; shift += 7) {
      if (!in.hasRemaining()) {
        throw damaged("it ends within a number");
      }
      byte next = in.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged("a number of more than " + MOST_BITS + " bits");
  }

  private UserError damaged(String problem) {
    return new UserError("no protocol-buffers message: " + problem, where, "copy the file again");
  }
}
