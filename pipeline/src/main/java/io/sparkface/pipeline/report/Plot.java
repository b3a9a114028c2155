package io.sparkface.pipeline.report;

import java.util.List;

/**
 * A plot, before it is drawn.
 *
 * @param name of its file
 * @param title what it shows
 * @param description what there is to see, for those who cannot
 * @param series drawn over one another
 * @param marks vertical lines
 */
record Plot(
    String name,
    String title,
    String description,
    Axis x,
    Axis y,
    List<Series> series,
    List<Mark> marks) {

  Plot {
    series = List.copyOf(series);
    marks = List.copyOf(marks);
  }

  /** How a series is drawn. */
  enum Style {
    LINE,
    /** A line with the area under it. */
    AREA
  }

  /**
   * Points in the order of x.
   *
   * @param name in the legend and the table
   * @param highlight number of a point that is marked; -1 for none
   */
  record Series(String name, double[] x, double[] y, Style style, int highlight) {
    static Series line(String name, double[] x, double[] y) {
      return new Series(name, x, y, Style.LINE, -1);
    }

    /** With its highest point marked. */
    static Series highest(String name, double[] x, double[] y) {
      return new Series(name, x, y, Style.LINE, extreme(y, 1));
    }

    /** With its lowest point marked. */
    static Series lowest(String name, double[] x, double[] y) {
      return new Series(name, x, y, Style.LINE, extreme(y, -1));
    }

    private static int extreme(double[] y, int sign) {
      int best = -1;
      for (int i = 0; i < y.length; i++) {
        if (Double.isFinite(y[i]) && (best < 0 || sign * y[i] > sign * y[best])) {
          best = i;
        }
      }
      return best;
    }
  }

  /** A vertical line with a word to it. */
  record Mark(double x, String label) {}
}
