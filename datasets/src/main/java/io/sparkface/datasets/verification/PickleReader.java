package io.sparkface.datasets.verification;

import io.sparkface.base.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A pickle machine for lists, tuples, byte strings, numbers, booleans and numpy uint8 arrays, and
 * for nothing else: it knows eight names ({@link #KNOWN}) and refuses any other, so that no foreign
 * code can be asked for. Protocols 0 to 5.
 *
 * <p>Results: {@code List<Object>} for lists and tuples, {@code byte[]} for byte strings, Python 2
 * strings and uint8 arrays, {@code String}, {@code Long}, {@code Boolean}, and null for None.
 */
final class PickleReader {
  private static final int MOST_ITEMS = 20_000_000;
  private static final Object MARK = new Object();
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

  private record Name(String name) {}

  /** A numpy array or dtype that later opcodes fill in. */
  private static final class Numpy {
    private final String name;
    private Object state;

    Numpy(String name) {
      this.name = name;
    }
  }

  private final ByteBuffer in;
  private final String where;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private int opcodeAt;

  private PickleReader(byte[] bytes, String where) {
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.where = where;
  }

  /**
   * @throws UserError naming the byte, when the pickle is damaged or asks for anything but data
   */
  static Object read(byte[] bytes, String where) {
    PickleReader reader = new PickleReader(bytes, where);
    try {
      return plain(reader.run());
    } catch (IndexOutOfBoundsException
        | java.nio.BufferUnderflowException
        | ClassCastException
        | NegativeArraySizeException
        | NullPointerException
        | NumberFormatException e) {
      throw reader.refused("the pickle is damaged", e);
    }
  }

  private Object run() {
    while (true) {
      opcodeAt = in.position();
      int opcode = in.get() & 255;
      switch (opcode) {
        case 0x80 -> in.get();
        case 0x95 -> in.getLong();
        case '.' -> {
          return pop();
        }
        case '(' -> push(MARK);
        case ']' -> push(new ArrayList<>());
        case 'l', 't' -> push(popToMark());
        case ')' -> push(new ArrayList<>());
        case 0x85 -> tuple(1);
        case 0x86 -> tuple(2);
        case 0x87 -> tuple(3);
        case 'a' -> {
          Object item = pop();
          list(peek()).add(item);
        }
        case 'e' -> {
          List<Object> items = popToMark();
          list(peek()).addAll(items);
        }
        case 'N' -> push(null);
        case 0x88 -> push(true);
        case 0x89 -> push(false);
        case 'I' -> push(integer(line()));
        case 'L' -> push(Long.parseLong(line().replace("L", "")));
        case 'J' -> push((long) in.getInt());
        case 'K' -> push((long) (in.get() & 255));
        case 'M' -> push((long) (in.getShort() & 0xFFFF));
        case 0x8a -> push(longOf(bytes(in.get() & 255)));
        case 'S' -> push(PickleText.unescaped(line()));
        case 'U', 'C' -> push(bytes(in.get() & 255));
        case 'T', 'B' -> push(bytes(Integer.toUnsignedLong(in.getInt())));
        case 0x8e, 0x96 -> push(bytes(in.getLong()));
        case 'V' -> push(PickleText.unicode(line()));
        case 'X' -> push(utf8(Integer.toUnsignedLong(in.getInt())));
        case 0x8c -> push(utf8(in.get() & 255));
        case 0x8d -> push(utf8(in.getLong()));
        case 'p' -> memo.put(Integer.parseInt(line()), peek());
        case 'q' -> memo.put(in.get() & 255, peek());
        case 'r' -> memo.put(in.getInt(), peek());
        case 0x94 -> memo.put(memo.size(), peek());
        case 'g' -> push(memoised(Integer.parseInt(line())));
        case 'h' -> push(memoised(in.get() & 255));
        case 'j' -> push(memoised(in.getInt()));
        case '0' -> pop();
        case 'c' -> push(name(line() + "." + line()));
        case 0x93 -> {
          String last = (String) pop();
          push(name(pop() + "." + last));
        }
        case 'R' -> {
          List<Object> arguments = list(pop());
          push(call((Name) pop(), arguments));
        }
        case 'b' -> {
          Object state = pop();
          ((Numpy) peek()).state = state;
        }
        default ->
            throw refused(
                String.format(java.util.Locale.ROOT, "the pickle uses opcode 0x%02X", opcode),
                null);
      }
    }
  }

  private Name name(String name) {
    if (!KNOWN.contains(name)) {
      throw refused("the pickle asks for '" + name + "', which is not data", null);
    }
    return new Name(name);
  }

  private Object call(Name function, List<Object> arguments) {
    String name = function.name();
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
      throw refused("the pickle holds a numpy array that is not of uint8", null);
    }
  }

  /** Arrays become bytes; lists stay lists, whose items the caller asks for one by one. */
  private static Object plain(Object value) {
    if (value instanceof Numpy array && array.name.endsWith("_reconstruct")) {
      // (version, shape, dtype, isFortran, raw bytes)
      return bytesOf(((List<?>) array.state).get(4));
    }
    if (value instanceof Name || value instanceof Numpy) {
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

  private Object memoised(int key) {
    if (!memo.containsKey(key)) {
      throw refused("the pickle takes memo " + key + ", which it never put", null);
    }
    return memo.get(key);
  }

  private static Object integer(String text) {
    return switch (text) {
      case "01" -> true;
      case "00" -> false;
      default -> Long.parseLong(text);
    };
  }

  private static long longOf(byte[] little) {
    if (little.length > 8) {
      throw new NumberFormatException("a number of " + little.length + " bytes");
    }
    long value = little.length > 0 && little[little.length - 1] < 0 ? -1 : 0;
    for (int i = little.length - 1; i >= 0; i--) {
      value = value << 8 | little[i] & 255;
    }
    return value;
  }

  private void tuple(int size) {
    List<Object> items = new ArrayList<>(stack.subList(stack.size() - size, stack.size()));
    stack.subList(stack.size() - size, stack.size()).clear();
    push(items);
  }

  private List<Object> popToMark() {
    int mark = stack.size() - 1;
    while (stack.get(mark) != MARK) {
      mark--;
    }
    List<Object> items = new ArrayList<>(stack.subList(mark + 1, stack.size()));
    stack.subList(mark, stack.size()).clear();
    return items;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  private void push(Object value) {
    if (stack.size() >= MOST_ITEMS) {
      throw refused("the pickle holds more than " + MOST_ITEMS + " values", null);
    }
    stack.add(value);
  }

  private Object pop() {
    Object top = stack.remove(stack.size() - 1);
    if (top == MARK) {
      throw new ClassCastException("a mark stands where a value should");
    }
    return top;
  }

  private Object peek() {
    return stack.get(stack.size() - 1);
  }

  private byte[] bytes(long size) {
    if (size < 0 || size > in.remaining()) {
      throw refused(
          "a string claims " + size + " bytes and the file has " + in.remaining() + " more", null);
    }
    byte[] bytes = new byte[(int) size];
    in.get(bytes);
    return bytes;
  }

  private String utf8(long size) {
    return new String(bytes(size), StandardCharsets.UTF_8);
  }

  private String line() {
    int begin = in.position();
    while (in.get() != '\n') {
      // to the end of the line
    }
    return new String(in.array(), begin, in.position() - 1 - begin, StandardCharsets.ISO_8859_1);
  }

  private UserError refused(String problem, Throwable cause) {
    return new UserError(
        problem,
        where + " byte " + opcodeAt,
        "use a verification .bin of encoded pictures and booleans from a source you trust",
        cause);
  }
}
