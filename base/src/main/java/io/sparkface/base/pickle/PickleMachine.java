package io.sparkface.base.pickle;

import io.sparkface.base.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pickle machine for protocols 0 to 5 that holds lists, tuples, dictionaries, byte strings,
 * strings, numbers and booleans, and what a {@link Vocabulary} knows beyond them.
 *
 * <p>Results: {@code List<Object>} for lists and tuples, {@code Map<Object, Object>} for
 * dictionaries, {@code byte[]} for byte strings and Python 2 strings, {@code String}, {@code Long},
 * {@code Double}, {@code Boolean}, and null for None. A known name that is not called is a {@link
 * Name}.
 */
public final class PickleMachine {
  private static final int MOST_ITEMS = 20_000_000;
  private static final Object MARK = new Object();

  /** A known name. */
  public record Name(String name) {}

  private final ByteBuffer in;
  private final String where;
  private final Vocabulary vocabulary;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private int opcodeAt;

  private PickleMachine(byte[] bytes, String where, Vocabulary vocabulary) {
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.where = where;
    this.vocabulary = vocabulary;
  }

  /**
   * @throws UserError naming the byte, when the pickle is damaged or asks for anything but data
   */
  public static Object read(byte[] bytes, String where, Vocabulary vocabulary) {
    PickleMachine reader = new PickleMachine(bytes, where, vocabulary);
    try {
      return reader.run();
    } catch (IndexOutOfBoundsException
        | java.nio.BufferUnderflowException
        | ClassCastException
        | NegativeArraySizeException
        | NullPointerException
        | NumberFormatException
        | ArithmeticException e) {
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
        case '}' -> push(new LinkedHashMap<>());
        case 'd' -> push(put(new LinkedHashMap<>(), popToMark()));
        case 's' -> {
          Object value = pop();
          Object key = pop();
          map(peek()).put(key(key), value);
        }
        case 'u' -> {
          List<Object> items = popToMark();
          put(map(peek()), items);
        }
        case 'N' -> push(null);
        case 0x88 -> push(true);
        case 0x89 -> push(false);
        case 'I' -> push(integer(line()));
        case 'L' -> push(Long.parseLong(line().replace("L", "")));
        case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
        case 'F' -> push(Double.parseDouble(line()));
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
        case 'R', 0x81 -> {
          List<Object> arguments = list(pop());
          push(vocabulary.call(((Name) pop()).name(), arguments));
        }
        case 'b' -> {
          Object state = pop();
          vocabulary.build(peek(), state);
        }
        case 'Q' -> {
          Object found = vocabulary.persistent(pop());
          if (found == null) {
            throw refused("the pickle refers to something outside itself", null);
          }
          push(found);
        }
        default ->
            throw refused(
                String.format(java.util.Locale.ROOT, "the pickle uses opcode 0x%02X", opcode),
                null);
      }
    }
  }

  private Name name(String name) {
    if (!vocabulary.knows(name)) {
      throw refused("the pickle asks for '" + name + "', which is not data", null);
    }
    return new Name(name);
  }

  /** A list could hold itself, which has no hash. */
  private static Object key(Object key) {
    if (key instanceof String || key instanceof Number || key == null) {
      return key;
    }
    throw new ClassCastException("a dictionary's key is no text or number");
  }

  private static Map<Object, Object> put(Map<Object, Object> map, List<Object> items) {
    for (int i = 0; i < items.size(); i += 2) {
      map.put(key(items.get(i)), items.get(i + 1));
    }
    return map;
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
  private static Map<Object, Object> map(Object value) {
    return (Map<Object, Object>) value;
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
    return new UserError(problem, where + " byte " + opcodeAt, vocabulary.remedy(), cause);
  }
}
