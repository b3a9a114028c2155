package io.sparkface.base.pickle;

import java.io.ByteArrayOutputStream;

/** The two textual string forms of pickle protocol 0. */
final class PickleText {
  private PickleText() {}

  /** A Python 2 string literal in its quotes to bytes. */
  static byte[] unescaped(String literal) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(literal.length());
    for (int i = 1; i < literal.length() - 1; i++) {
      char c = literal.charAt(i);
      if (c != '\\') {
        out.write(c);
        continue;
      }
      char escape = literal.charAt(++i);
      switch (escape) {
        case 'n' -> out.write('\n');
        case 'r' -> out.write('\r');
        case 't' -> out.write('\t');
        case 'x' -> {
          out.write(Integer.parseInt(literal, i + 1, i + 3, 16));
          i += 2;
        }
        default -> out.write(escape);
      }
    }
    return out.toByteArray();
  }

  /** Raw-unicode-escape to text. */
  static String unicode(String line) {
    StringBuilder out = new StringBuilder(line.length());
    for (int i = 0; i < line.length(); i++) {
      if (line.startsWith("\\u", i)) {
        out.append((char) Integer.parseInt(line, i + 2, i + 6, 16));
        i += 5;
      } else {
        out.append(line.charAt(i));
      }
    }
    return out.toString();
  }
}
