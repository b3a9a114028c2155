package io.sparkface.pipeline.report;

/** What plots are drawn on: x to the right, y down, in the units of {@link PlotPainter#WIDTH}. */
interface Canvas {
  /** Where text stands to its point. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** Stroke pattern: lengths drawn and left out by turns; empty is solid. */
  enum Dash {
    SOLID,
    DASHED(7, 3),
    DOTTED(2, 3),
    DASH_DOTTED(8, 3, 2, 3);

    private final float[] lengths;

    Dash(float... lengths) {
      this.lengths = lengths;
    }

    float[] lengths() {
      return lengths.clone();
    }
  }

  void line(double[] x, double[] y, Ink ink, double width, Dash dash);

  /** Filled, see-through. */
  void area(double[] x, double[] y, Ink ink);

  /**
   * @param tip what is told of the point where it is pointed at
   */
  void dot(double x, double y, double radius, Ink ink, String tip);

  void text(double x, double y, String text, Anchor anchor, Ink ink, double size);

  /** Text over lines, which are kept away from its letters. */
  void textAbove(double x, double y, String text, Anchor anchor, Ink ink, double size);
}
