package io.sparkface.pipeline.report;

import io.sparkface.pipeline.report.Canvas.Anchor;
import io.sparkface.pipeline.report.Canvas.Dash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws plots, for the page and as files. Drawn here and not by a charting library as those at hand
 * turn text into outlines, which neither screen readers nor searches find and which weigh ten times
 * as much, or do not follow the page's light and dark.
 */
final class PlotPainter {
  /** Units across: as many as a phone has, so that text keeps its size there. */
  static final int WIDTH = 400;

  private static final int LEFT = 50;
  private static final int RIGHT = 14;
  private static final int AREA = 190;
  private static final int BELOW = 40;
  private static final int ROW = 17;
  private static final double SMALL = 12;
  private static final double LETTER = 6.3;
  private static final int LONGEST_NAME = 44;
  private static final int MOST_DOTS = 40;

  private final Plot plot;
  private final List<List<Integer>> legend;
  private final double top;

  /** What stands above the plot. */
  private enum Head {
    NOTHING,
    TITLE
  }

  private PlotPainter(Plot plot, Head head) {
    this.plot = plot;
    this.legend = legend(plot);
    this.top = (head == Head.TITLE ? 24 : 0) + 26 + ROW * legend.size();
  }

  /** An element for the page; {@code id} is no other element's. */
  static String inline(Plot plot, String id) {
    PlotPainter painter = new PlotPainter(plot, Head.NOTHING);
    SvgCanvas canvas = new SvgCanvas();
    painter.paint(canvas);
    return painter.opening(id, "") + canvas.content() + "</svg>";
  }

  /** A file, light or dark as the reader's system is. */
  static String svg(Plot plot) {
    PlotPainter painter = new PlotPainter(plot, Head.TITLE);
    SvgCanvas canvas = new SvgCanvas();
    canvas.text(4, 17, plot.title(), Anchor.START, Ink.TEXT, 14);
    painter.paint(canvas);
    return painter.opening("plot", " xmlns=\"http://www.w3.org/2000/svg\" width=\"800\"")
        + "<style>"
        + Style.plots()
        + "svg{background:var(--page)}</style>\n"
        + canvas.content()
        + "</svg>\n";
  }

  static byte[] png(Plot plot) throws IOException {
    PlotPainter painter = new PlotPainter(plot, Head.TITLE);
    RasterCanvas canvas = new RasterCanvas(WIDTH, painter.height());
    canvas.text(4, 17, plot.title(), Anchor.START, Ink.TEXT, 14);
    painter.paint(canvas);
    return canvas.png();
  }

  private String opening(String id, String attributes) {
    return "<svg"
        + attributes
        + " class=\"plot\" viewBox=\"0 0 "
        + WIDTH
        + " "
        + (int) height()
        + "\" role=\"img\" aria-labelledby=\""
        + id
        + "-title "
        + id
        + "-desc\">\n<title id=\""
        + id
        + "-title\">"
        + Html.escaped(plot.title())
        + "</title>\n<desc id=\""
        + id
        + "-desc\">"
        + Html.escaped(plot.description())
        + "</desc>\n";
  }

  private double height() {
    return top + AREA + BELOW;
  }

  private void paint(Canvas canvas) {
    grid(canvas);
    legend(canvas);
    double lastLabel = Double.NEGATIVE_INFINITY;
    for (Plot.Mark mark : plot.marks()) {
      double x = x(mark.x());
      canvas.line(new double[] {x, x}, new double[] {top, top + AREA}, Ink.MUTED, 1, Dash.DASHED);
      if (x - lastLabel > LETTER * (mark.label().length() + 1)) {
        boolean late = x > WIDTH - RIGHT - LETTER * mark.label().length();
        canvas.text(
            late ? x - 3 : x + 3,
            top + 11,
            mark.label(),
            late ? Anchor.END : Anchor.START,
            Ink.MUTED,
            11);
        lastLabel = x;
      }
    }
    for (int s = 0; s < plot.series().size(); s++) {
      series(canvas, plot.series().get(s), Ink.ofSeries(s), dash(s));
    }
  }

  private void grid(Canvas canvas) {
    canvas.text(4, top - 12, plot.y().label(), Anchor.START, Ink.MUTED, SMALL);
    for (Axis.Tick tick : plot.y().ticks()) {
      double y = y(tick.value());
      canvas.line(new double[] {LEFT, WIDTH - RIGHT}, new double[] {y, y}, Ink.GRID, 1, Dash.SOLID);
      canvas.text(LEFT - 6, y + 4, tick.label(), Anchor.END, Ink.TEXT, SMALL);
    }
    double bottom = top + AREA;
    canvas.line(
        new double[] {LEFT, WIDTH - RIGHT},
        new double[] {bottom, bottom},
        Ink.MUTED,
        1,
        Dash.SOLID);
    for (Axis.Tick tick : plot.x().ticks()) {
      double x = x(tick.value());
      canvas.line(new double[] {x, x}, new double[] {bottom, bottom + 4}, Ink.MUTED, 1, Dash.SOLID);
      canvas.text(x, bottom + 17, tick.label(), Anchor.MIDDLE, Ink.TEXT, SMALL);
    }
    canvas.text(
        LEFT + (WIDTH - LEFT - RIGHT) / 2.0,
        bottom + 34,
        plot.x().label(),
        Anchor.MIDDLE,
        Ink.MUTED,
        SMALL);
  }

  private void series(Canvas canvas, Plot.Series series, Ink ink, Dash dash) {
    int points = series.x().length;
    double[] x = new double[points];
    double[] y = new double[points];
    for (int i = 0; i < points; i++) {
      x[i] = x(series.x()[i]);
      y[i] = Double.isFinite(series.y()[i]) ? y(series.y()[i]) : Double.NaN;
    }
    if (series.style() == Plot.Style.AREA) {
      double[] outlineX = new double[points + 2];
      double[] outlineY = new double[points + 2];
      System.arraycopy(x, 0, outlineX, 1, points);
      System.arraycopy(y, 0, outlineY, 1, points);
      outlineX[0] = points == 0 ? LEFT : x[0];
      outlineX[points + 1] = points == 0 ? LEFT : x[points - 1];
      outlineY[0] = top + AREA;
      outlineY[points + 1] = top + AREA;
      canvas.area(outlineX, outlineY, ink);
    }
    canvas.line(x, y, ink, 2, dash);
    for (int i = 0; i < points; i++) {
      boolean highlighted = i == series.highlight();
      boolean few = points <= MOST_DOTS && series.style() == Plot.Style.LINE;
      if (Double.isFinite(y[i]) && (highlighted || few)) {
        String value = Html.figure(series.y()[i]);
        canvas.dot(
            x[i],
            y[i],
            highlighted ? 4.5 : 2.2,
            ink,
            series.name()
                + ", "
                + plot.x().label()
                + " "
                + Html.figure(series.x()[i])
                + ": "
                + value);
        if (highlighted && plot.series().size() == 1) {
          boolean high = y[i] < top + 18;
          canvas.textAbove(
              Math.min(Math.max(x[i], LEFT + 18), WIDTH - RIGHT - 18),
              high ? y[i] + 18 : y[i] - 8,
              value,
              Anchor.MIDDLE,
              Ink.TEXT,
              11);
        }
      }
    }
  }

  private double x(double value) {
    return LEFT + plot.x().position(value) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return top + (1 - plot.y().position(value)) * AREA;
  }

  private static Dash dash(int series) {
    return Dash.values()[series % Dash.values().length];
  }

  /** Series by rows; none where there is one series alone. */
  private static List<List<Integer>> legend(Plot plot) {
    List<List<Integer>> rows = new ArrayList<>();
    if (plot.series().size() < 2) {
      return rows;
    }
    double used = WIDTH;
    for (int s = 0; s < plot.series().size(); s++) {
      double width = width(plot.series().get(s));
      if (used + width > WIDTH) {
        rows.add(new ArrayList<>());
        used = 0;
      }
      rows.get(rows.size() - 1).add(s);
      used += width;
    }
    return rows;
  }

  private static double width(Plot.Series series) {
    return 40 + LETTER * shortened(series.name()).length();
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME
        ? name
        : "…" + name.substring(name.length() - LONGEST_NAME);
  }

  private void legend(Canvas canvas) {
    double y = top - 26 - ROW * legend.size() + 12;
    for (List<Integer> row : legend) {
      double x = 4;
      for (int s : row) {
        Plot.Series series = plot.series().get(s);
        canvas.line(
            new double[] {x, x + 22}, new double[] {y - 4, y - 4}, Ink.ofSeries(s), 2.5, dash(s));
        canvas.text(x + 27, y, shortened(series.name()), Anchor.START, Ink.TEXT, SMALL);
        x += width(series);
      }
      y += ROW;
    }
  }
}
