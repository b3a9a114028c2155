package io.sparkface.pipeline.report;

import java.util.Locale;

/** Draws SVG: shapes have classes for their colours, text stays text. */
final class SvgCanvas implements Canvas {
  private final StringBuilder content = new StringBuilder();

  @Override
  public void line(double[] x, double[] y, Ink ink, double width, Dash dash) {
    content.append("<path class=\"").append(ink.css()).append("\" d=\"").append(path(x, y));
    content.append("\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"");
    content.append(number(width)).append('"');
    if (dash != Dash.SOLID) {
      content.append(" stroke-dasharray=\"");
      for (float length : dash.lengths()) {
        content.append(number(length)).append(' ');
      }
      content.append('"');
    } else {
      content.append(" stroke-linejoin=\"round\"");
    }
    content.append("/>\n");
  }

  @Override
  public void area(double[] x, double[] y, Ink ink) {
    content.append("<path class=\"").append(ink.css()).append("\" d=\"").append(path(x, y));
    content.append("Z\" fill=\"currentColor\" fill-opacity=\"0.22\"/>\n");
  }

  @Override
  public void dot(double x, double y, double radius, Ink ink, String tip) {
    content.append("<circle class=\"").append(ink.css()).append("\" cx=\"").append(number(x));
    content.append("\" cy=\"").append(number(y)).append("\" r=\"").append(number(radius));
    content.append("\" fill=\"currentColor\"><title>").append(Html.escaped(tip));
    content.append("</title></circle>\n");
  }

  @Override
  public void text(double x, double y, String text, Anchor anchor, Ink ink, double size) {
    text(x, y, text, anchor, ink.css(), size);
  }

  @Override
  public void textAbove(double x, double y, String text, Anchor anchor, Ink ink, double size) {
    text(x, y, text, anchor, ink.css() + " above", size);
  }

  private void text(double x, double y, String text, Anchor anchor, String css, double size) {
    content.append("<text class=\"").append(css).append("\" x=\"").append(number(x));
    content.append("\" y=\"").append(number(y)).append("\" font-size=\"").append(number(size));
    content.append("\" fill=\"currentColor\" text-anchor=\"");
    content.append(anchor.name().toLowerCase(Locale.ROOT)).append("\">");
    content.append(Html.escaped(text)).append("</text>\n");
  }

  private static String path(double[] x, double[] y) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    for (int i = 0; i < x.length; i++) {
      if (Double.isFinite(x[i]) && Double.isFinite(y[i])) {
        path.append(pen ? 'L' : 'M').append(number(x[i])).append(' ').append(number(y[i]));
        pen = true;
      } else {
        pen = false;
      }
    }
    return path.toString();
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** Everything drawn, without the element around it. */
  String content() {
    return content.toString();
  }
}
