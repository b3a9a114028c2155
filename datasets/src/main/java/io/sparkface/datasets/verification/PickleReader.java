package io.sparkface.datasets.verification;

import io.sparkface.base.UserError;
import io.sparkface.base.pickle.PickleMachine;
import io.sparkface.base.pickle.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Pickles of lists, tuples, byte strings, numbers, booleans and numpy uint8 arrays, and of nothing
 * else: it knows a few names ({@link #KNOWN}) and refuses any other.
 *
 * <p>Results: {@code List<Object>} for lists and tuples, {@code byte[]} for byte strings, Python 2
 * strings and uint8 arrays, {@code String}, {@code Long}, {@code Boolean}, and null for None.
 */
final class PickleReader implements Vocabulary {
  private static final Set<String> KNOWN =
      Set.of(
          "_codecs.encode",
          "numpy.ndarray",
          "numpy.dtype",
          "numpy.core.multiarray._reconstruct",
          "numpy._core.multiarray._reconstruct",
          "numpy.core.multiarray.scalar",
          "numpy._core.multiarray.scalar",
          "numpy.core.numeric._frombuffer",
          "numpy._core.numeric._frombuffer",
          // Python 2's name of bytes
          "__builtin__.bytes",
          "builtins.bytes",
          "builtins.bytearray");

  /** A numpy array or dtype that later opcodes fill in. */
  private static final class Numpy {
    private final String name;
    private Object state;

    Numpy(String name) {
      this.name = name;
    }
  }

  private final String where;

  private PickleReader(String where) {
    this.where = where;
  }

  /**
   * @throws UserError naming the byte, when the pickle is damaged or asks for anything but data
   */
  static Object read(byte[] bytes, String where) {
    return finished(PickleMachine.read(bytes, where, new PickleReader(where)), where);
  }

  @Override
  public boolean knows(String name) {
    return KNOWN.contains(name);
  }

  @Override
  public void build(Object object, Object state) {
    ((Numpy) object).state = state;
  }

  @Override
  public String remedy() {
    return "use a verification .bin of encoded pictures and booleans from a source you trust";
  }

  @Override
  public Object call(String name, List<Object> arguments) {
    if (name.endsWith("encode")) {
      return ((String) arguments.get(0)).getBytes(StandardCharsets.ISO_8859_1);
    }
    if (name.endsWith("bytes") || name.endsWith("bytearray")) {
      return arguments.isEmpty() ? new byte[0] : bytesOf(arguments.get(0));
    }
    if (name.endsWith("_frombuffer")) {
      requireBytes(arguments.get(1));
      return bytesOf(arguments.get(0));
    }
    if (name.endsWith("scalar")) {
      return bytesOf(arguments.get(1))[0] != 0;
    }
    Numpy made = new Numpy(name);
    if (name.endsWith("dtype")) {
      made.state = arguments.get(0);
    }
    return made;
  }

  private static byte[] bytesOf(Object value) {
    return value instanceof String text
        ? text.getBytes(StandardCharsets.ISO_8859_1)
        : (byte[]) plain(value);
  }

  private void requireBytes(Object dtype) {
    Numpy type = (Numpy) dtype;
    // a dtype keeps its name until BUILD gives it the rest of its state
    if (type.state instanceof String name && !name.equals("u1")
        || type.state instanceof byte[] old && !Arrays.equals(old, new byte[] {'u', '1'})) {
      throw new UserError("the pickle holds a numpy array that is not of uint8", where, remedy());
    }
  }

  /** Arrays become bytes; lists stay lists, whose items the caller asks for one by one. */
  private static Object plain(Object value) {
    if (value instanceof Numpy array && array.name.endsWith("_reconstruct")) {
      // (version, shape, dtype, isFortran, raw bytes)
      return bytesOf(((List<?>) array.state).get(4));
    }
    if (value instanceof PickleMachine.Name || value instanceof Numpy) {
      throw new ClassCastException("a name stands where data should");
    }
    return value;
  }

  /** An item of a list as {@link #read} describes it. */
  static Object finished(Object item, String where) {
    try {
      return plain(item);
    } catch (ClassCastException | NullPointerException | IndexOutOfBoundsException e) {
      throw new UserError(
          "the pickle holds something that is no data", where, "use another file", e);
    }
  }
}
