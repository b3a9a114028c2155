package io.sparkface.models.interop.mxnet;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.HalfFloat;
import io.sparkface.models.interop.Tensor;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * MXNet's {@code .params}, little-endian (after MXNet's {@code src/ndarray/ndarray.cc}): uint64
 * 0x112, uint64 0, uint64 count and as many arrays; uint64 count and as many names (uint64 length,
 * bytes). An array is a uint32 mark, which is 0xF993FAC9 or 0xF993FACA (then int32 storage kind, 0
 * dense), 0xF993FAC8, or in files before MXNet 1.0 its number of axes itself; uint32 axes; the
 * sizes, int64 each, or uint32 in those old files; int32 device type, int32 device, int32 type of
 * number (0 float32, 1 float64, 2 float16); the numbers. An array without axes has nothing after
 * them.
 */
public final class ParamsFile {
  private static final long LIST = 0x112;
  private static final int OLD = 0xF993FAC8;
  private static final int USUAL = 0xF993FAC9;
  private static final int NUMPY = 0xF993FACA;
  private static final int MOST_AXES = 32;

  private final ByteBuffer in;
  private final String where;

  private ParamsFile(byte[] bytes, String where) {
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.where = where;
  }

  /**
   * Arrays by name, such as {@code arg:conv_1_weight} and {@code aux:conv_1_moving_mean}.
   *
   * @throws UserError naming the byte, when the file is damaged, longer than its content, or holds
   *     sparse or integer arrays
   */
  public static Map<String, Tensor> read(byte[] bytes, String where) {
    ParamsFile file = new ParamsFile(bytes, where);
    try {
      return file.read();
    } catch (BufferUnderflowException | ArithmeticException e) {
      throw file.damaged("the file ends too early, or claims more than there is", e);
    }
  }

  private Map<String, Tensor> read() {
    if (in.getLong() != LIST) {
      throw damaged("the file does not begin as MXNet's parameters do", null);
    }
    in.getLong();
    List<Tensor> arrays = new ArrayList<>();
    int count = count();
    for (int i = 0; i < count; i++) {
      arrays.add(array());
    }
    int names = count();
    if (names != count) {
      throw damaged(count + " arrays have " + names + " names", null);
    }
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (Tensor array : arrays) {
      String name = name();
      if (named.put(name, array) != null) {
        throw damaged("'" + name + "' is there twice", null);
      }
    }
    if (in.hasRemaining()) {
      throw damaged(in.remaining() + " bytes follow the last name", null);
    }
    return named;
  }

  /** Every item takes at least four bytes, so that no count can be absurd. */
  private int count() {
    long count = in.getLong();
    if (count < 0 || count > in.remaining() / 4) {
      throw damaged("the file claims " + Long.toUnsignedString(count) + " items", null);
    }
    return (int) count;
  }

  private Tensor array() {
    int mark = in.getInt();
    if (mark == USUAL || mark == NUMPY) {
      int storage = in.getInt();
      if (storage != 0) {
        throw damaged("an array is sparse (storage kind " + storage + ")", null);
      }
    }
    boolean unmarked = mark != OLD && mark != USUAL && mark != NUMPY;
    int axes = unmarked ? mark : in.getInt();
    if (axes < 0 || axes > MOST_AXES) {
      throw damaged("an array claims " + Integer.toUnsignedString(axes) + " axes", null);
    }
    if (axes == 0) {
      return new Tensor(new long[] {0}, new float[0]);
    }
    long[] shape = new long[axes];
    for (int i = 0; i < axes; i++) {
      shape[i] = unmarked ? Integer.toUnsignedLong(in.getInt()) : in.getLong();
    }
    in.getInt();
    in.getInt();
    return new Tensor(shape, numbers(in.getInt(), Tensor.count(shape)));
  }

  private float[] numbers(int type, int count) {
    int size =
        switch (type) {
          case 0 -> 4;
          case 1 -> 8;
          case 2 -> 2;
          default -> throw damaged("an array holds numbers of type " + type, null);
        };
    if ((long) count * size > in.remaining()) {
      throw damaged("an array claims " + count + " numbers", null);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (type) {
            case 0 -> in.getFloat();
            case 1 -> (float) in.getDouble();
            default -> HalfFloat.toFloat(in.getShort());
          };
    }
    return values;
  }

  private String name() {
    long length = in.getLong();
    if (length < 0 || length > in.remaining()) {
      throw damaged("a name claims " + Long.toUnsignedString(length) + " bytes", null);
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private UserError damaged(String problem, Throwable cause) {
    return new UserError(
        problem, where + " byte " + in.position(), "copy the file again, or save it again", cause);
  }
}
