package io.sparkface.pipeline.report;

import java.util.List;
import java.util.Locale;

/** Pieces of HTML. */
final class Html {
  private Html() {}

  /** Text as it may stand in an element or between quotes: names come from strangers' files. */
  static String escaped(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> {
                  if (c >= ' ' || c == '\n') {
                    safe.appendCodePoint(c);
                  }
                }
              }
            });
    return safe.toString();
  }

  /** A number as people read it; "–" where there is none. */
  static String figure(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    double size = Math.abs(value);
    if (size < 1e-3) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    return String.format(Locale.ROOT, size >= 100 ? "%,.1f" : size >= 10 ? "%.2f" : "%.4f", value);
  }

  /** A share as the field writes it. */
  static String share(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "–";
  }

  /**
   * A table that scrolls by itself where it is too wide. The first column names the rows.
   *
   * @param rows cells as text
   */
  static String table(String caption, List<String> head, List<List<String>> rows) {
    StringBuilder table = new StringBuilder("<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
    table.append(" aria-label=\"").append(escaped(caption)).append("\">\n<table><caption>");
    table.append(escaped(caption)).append("</caption>\n<thead><tr>");
    head.forEach(cell -> table.append("<th scope=\"col\">").append(escaped(cell)).append("</th>"));
    table.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : rows) {
      table.append("<tr><th scope=\"row\">").append(escaped(row.get(0))).append("</th>");
      row.stream()
          .skip(1)
          .forEach(cell -> table.append("<td>").append(escaped(cell)).append("</td>"));
      table.append("</tr>\n");
    }
    return table.append("</tbody></table></div>\n").toString();
  }
}
