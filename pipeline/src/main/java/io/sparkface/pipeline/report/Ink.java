package io.sparkface.pipeline.report;

import java.awt.Color;

/**
 * Colours of plots by their use. The page's style sheet has them by the same names, for light and
 * dark; here are the light ones, for files. Those of series are told apart by colour-blind people
 * and stand out from white by 3 to 1 at least.
 */
enum Ink {
  TEXT("#1b1f24"),
  MUTED("#57606a"),
  GRID("#d8dee4"),
  SERIES_1("#0065a8"),
  SERIES_2("#c04a00"),
  SERIES_3("#00775a"),
  SERIES_4("#9b3a86"),
  SERIES_5("#7a6200"),
  SERIES_6("#444c56");

  private static final Ink[] SERIES = {SERIES_1, SERIES_2, SERIES_3, SERIES_4, SERIES_5, SERIES_6};

  private final String hex;

  Ink(String hex) {
    this.hex = hex;
  }

  static Ink ofSeries(int number) {
    return SERIES[number % SERIES.length];
  }

  String hex() {
    return hex;
  }

  /** Name of its class and variable in style sheets. */
  String css() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  Color colour() {
    return Color.decode(hex);
  }
}
