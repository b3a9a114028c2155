package io.sparkface.pipeline.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** What stands between head and foot of the page, put down from top to bottom. */
final class PageBody {
  private static final int MOST_ROWS = 120;

  private final StringBuilder html = new StringBuilder();
  private final Map<String, String> contents = new LinkedHashMap<>();
  private final List<Plot> plots = new ArrayList<>();

  void section(String id, String title) {
    contents.put(id, title);
    html.append("<h2 id=\"").append(id).append("\">").append(Html.escaped(title));
    html.append("</h2>\n");
  }

  void paragraph(String text) {
    html.append("<p>").append(Html.escaped(text)).append("</p>\n");
  }

  void heading(String text) {
    html.append("<h3>").append(Html.escaped(text)).append("</h3>\n");
  }

  void table(String title, List<String> head, List<List<String>> rows) {
    html.append(Html.table(title, head, rows));
  }

  /** Tables side by side where there is room. */
  void tables(List<String> tables) {
    html.append("<div class=\"tables\">\n");
    tables.forEach(html::append);
    html.append("</div>\n");
  }

  /** HTML as it is: whoever calls has escaped what is not its own. */
  void markup(String markup) {
    html.append(markup);
  }

  /** Plots side by side where there is room, each with its values in a table. */
  void figures(List<Plot> all) {
    html.append("<div class=\"plots\">\n");
    for (Plot plot : all) {
      String id = "plot-" + plots.size();
      plots.add(plot);
      html.append("<figure><figcaption>").append(Html.escaped(plot.title()));
      html.append("</figcaption>\n").append(PlotPainter.inline(plot, id));
      html.append("<details id=\"").append(id).append("-values\"><summary id=\"").append(id);
      html.append("-summary\">Values of “");
      html.append(Html.escaped(plot.title())).append("”</summary>\n").append(values(plot));
      html.append("</details></figure>\n");
    }
    html.append("</div>\n");
  }

  /** Figures that open on demand: too many to be looked at by everyone. */
  void folded(String summary, List<Plot> all) {
    String id = "more-" + plots.size();
    html.append("<details class=\"more\" id=\"").append(id).append("\"><summary id=\"");
    html.append(id).append("-summary\">").append(Html.escaped(summary)).append("</summary>\n");
    figures(all);
    html.append("</details>\n");
  }

  /** What the plot is drawn from, all series by their x. */
  private static String values(Plot plot) {
    TreeSet<Double> all = new TreeSet<>();
    plot.series().forEach(series -> Arrays.stream(series.x()).forEach(all::add));
    List<Double> x = new ArrayList<>(all);
    int rows = Math.min(MOST_ROWS, x.size());
    List<List<String>> table = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      double at = x.get(rows == 1 ? 0 : (int) ((long) r * (x.size() - 1) / (rows - 1)));
      List<String> row = new ArrayList<>(List.of(Html.figure(at)));
      for (Plot.Series series : plot.series()) {
        row.add(
            IntStream.range(0, series.x().length)
                .filter(i -> series.x()[i] == at)
                .mapToObj(i -> Html.figure(series.y()[i]))
                .reduce((first, second) -> second)
                .orElse(""));
      }
      table.add(row);
    }
    List<String> head = new ArrayList<>(List.of(plot.x().label()));
    plot.series().forEach(series -> head.add(series.name()));
    String less = x.size() > rows ? ", " + rows + " of " + x.size() + " points" : "";
    return Html.table(plot.title() + ": " + plot.y().label() + less, head, table);
  }

  /** Sections: the id of each with its title. */
  Map<String, String> contents() {
    return contents;
  }

  List<Plot> plots() {
    return plots;
  }

  String html() {
    return html.toString();
  }
}
