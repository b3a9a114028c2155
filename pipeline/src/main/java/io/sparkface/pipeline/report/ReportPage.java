package io.sparkface.pipeline.report;

import io.sparkface.pipeline.evaluate.ConfusionExample;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.EvaluationResult.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The page, one HTML file that needs no other: styles, scripts and pictures stand in it, and its
 * content security policy lets nothing else in.
 */
final class ReportPage {
  private static final int MOST_ROWS = 120;
  private static final int MOST_HISTOGRAMS = 4;
  private static final String PART = "same";
  private static final String GENUINE = "genuine";

  private static final Map<String, String> TERMS = explanations();

  private final Material material;
  private final String metric;
  private final boolean watched;
  private final StringBuilder body = new StringBuilder();
  private final Map<String, String> contents = new LinkedHashMap<>();
  private final List<Plot> plots = new ArrayList<>();

  private ReportPage(Material material, String metric, boolean watched) {
    this.material = material;
    this.metric = metric;
    this.watched = watched;
  }

  /** The page and what is drawn on it. */
  record Rendered(String html, List<Plot> plots) {}

  /** A page to keep. */
  static Rendered kept(Material material, String metric) {
    return new ReportPage(material, metric, false).render();
  }

  /** A page that is served, and looks for news. */
  static Rendered watched(Material material, String metric) {
    return new ReportPage(material, metric, true).render();
  }

  private Rendered render() {
    TrainingPlots training = new TrainingPlots(material.runs());
    if (!material.runs().isEmpty()) {
      section("summary", "Summary");
      summary();
      section("training", "Training");
      paragraph(
          "An epoch is one pass over the training images. Where a plan has several stages, dashed"
              + " vertical lines mark where each begins.");
      figures(training.curves());
    }
    List<Plot> sets = training.sets();
    if (!sets.isEmpty()) {
      section("accuracy", "Accuracy on pair sets");
      paragraph(
          "A pair set holds pairs of pictures, some of one person, some of two; best of people the"
              + " network was not trained on. Accuracy is the share of pairs judged correctly at"
              + " the best threshold, after each epoch and wherever the plan says. The highest is"
              + " marked.");
      figures(sets);
      bestEpochs();
    }
    for (Protocol protocol : Protocol.values()) {
      results(protocol);
    }
    cleanings();
    terms();
    return new Rendered(page(), plots);
  }

  private void section(String id, String title) {
    contents.put(id, title);
    body.append("<h2 id=\"").append(id).append("\">").append(Html.escaped(title));
    body.append("</h2>\n");
  }

  private void paragraph(String text) {
    body.append("<p>").append(Html.escaped(text)).append("</p>\n");
  }

  private void heading(String text) {
    body.append("<h3>").append(Html.escaped(text)).append("</h3>\n");
  }

  private void summary() {
    Set<String> facts = new LinkedHashSet<>();
    material.runs().forEach(run -> facts.addAll(run.facts().keySet()));
    Set<String> sets = new LinkedHashSet<>();
    material.runs().forEach(run -> sets.addAll(run.sets()));
    List<String> head = new ArrayList<>(List.of("run", "epochs", "last loss"));
    sets.forEach(set -> head.add("best " + set));
    head.add("images/s");
    head.addAll(facts);
    List<List<String>> rows = new ArrayList<>();
    for (RunRecord run : material.runs()) {
      List<String> row = new ArrayList<>(List.of(run.name(), Integer.toString(run.epochs())));
      row.add(run.curve("loss").map(c -> Html.figure(c.y()[c.size() - 1])).orElse("–"));
      for (String set : sets) {
        row.add(
            run.curve(set)
                .filter(c -> c.highest() >= 0)
                .map(
                    c ->
                        Html.share(c.y()[c.highest()])
                            + " (epoch "
                            + Html.figure(c.x()[c.highest()])
                            + ")")
                .orElse("–"));
      }
      row.add(
          run.curve("images_per_second")
              .map(
                  c ->
                      String.format(
                          Locale.ROOT,
                          "%.1f",
                          Arrays.stream(c.y())
                              .filter(Double::isFinite)
                              .average()
                              .orElse(Double.NaN)))
              .orElse("–"));
      facts.forEach(fact -> row.add(run.facts().getOrDefault(fact, "–")));
      rows.add(row);
    }
    body.append(Html.table("Runs", head, rows));
  }

  private void figures(List<Plot> all) {
    body.append("<div class=\"plots\">\n");
    for (Plot plot : all) {
      String id = "plot-" + plots.size();
      plots.add(plot);
      body.append("<figure><figcaption>").append(Html.escaped(plot.title()));
      body.append("</figcaption>\n").append(PlotPainter.inline(plot, id));
      body.append("<details id=\"").append(id).append("-values\"><summary id=\"").append(id);
      body.append("-summary\">Values of “");
      body.append(Html.escaped(plot.title())).append("”</summary>\n").append(values(plot));
      body.append("</details></figure>\n");
    }
    body.append("</div>\n");
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

  private void bestEpochs() {
    BestEpochs.of(material.runs(), metric)
        .ifPresent(
            best -> {
              heading("Best epochs");
              body.append("<div class=\"tables\">\n");
              best.tables()
                  .forEach(
                      table -> body.append(Html.table(table.title(), table.head(), table.rows())));
              body.append("</div>\n");
            });
  }

  private void results(Protocol protocol) {
    Map<String, List<Material.Kept>> sets = new LinkedHashMap<>();
    for (Material.Kept kept : material.results()) {
      if (kept.result().protocol() == protocol) {
        sets.computeIfAbsent(kept.result().set(), key -> new ArrayList<>()).add(kept);
      }
    }
    if (sets.isEmpty()) {
      return;
    }
    section(protocol.name().toLowerCase(Locale.ROOT).replace('_', '-'), title(protocol));
    paragraph(explained(protocol));
    sets.forEach(
        (set, results) -> {
          heading(set);
          Set<String> names = new LinkedHashSet<>();
          results.forEach(kept -> names.addAll(kept.result().figures().keySet()));
          // they stand beside what they belong to
          names.removeIf(
              name -> name.endsWith("Deviation") || PART.equals(name) || GENUINE.equals(name));
          List<String> head = new ArrayList<>(List.of("result"));
          names.forEach(name -> head.add(named(name)));
          List<List<String>> rows = new ArrayList<>();
          for (Material.Kept kept : results) {
            List<String> row = new ArrayList<>(List.of(kept.name()));
            names.forEach(name -> row.add(cell(name, kept.result().figures())));
            rows.add(row);
          }
          body.append(Html.table("Figures on " + set, head, rows));
          ResultPlots drawn = new ResultPlots(set, results);
          if (results.size() <= MOST_HISTOGRAMS) {
            figures(Stream.concat(drawn.curves().stream(), drawn.histograms().stream()).toList());
          } else {
            figures(drawn.curves());
            histograms(drawn);
          }
          results.forEach(this::examples);
        });
  }

  /** Too many to be looked at by everyone. */
  private void histograms(ResultPlots drawn) {
    String id = "more-" + plots.size();
    body.append("<details class=\"more\" id=\"").append(id).append("\"><summary id=\"");
    body.append(id).append("-summary\">Score histograms of the ").append(drawn.results().size());
    body.append(" results on ").append(Html.escaped(drawn.set())).append("</summary>\n");
    figures(drawn.histograms());
    body.append("</details>\n");
  }

  private static String cell(String name, Map<String, Double> figures) {
    double value = figures.getOrDefault(name, Double.NaN);
    return switch (name) {
      case "pairs" -> {
        double same = figures.getOrDefault(PART, figures.getOrDefault(GENUINE, Double.NaN));
        yield Html.figure(value) + " (" + Html.figure(same) + " same)";
      }
      case "templates", "probes" -> Html.figure(value);
      case "tenFoldAccuracy" -> spread(value, figures.get("tenFoldDeviation"));
      case "validation" -> spread(value, figures.get("validationDeviation"));
      default -> Html.share(value);
    };
  }

  private static String spread(double mean, Double deviation) {
    return Double.isFinite(mean) && deviation != null
        ? Html.share(mean) + " ± " + Html.share(deviation)
        : Html.share(mean);
  }

  private static String title(Protocol protocol) {
    return switch (protocol) {
      case PAIRS -> "Verification of pairs";
      case FOLDER -> "People of a folder";
      case IJB_VERIFICATION -> "IJB 1:1";
      case IJB_IDENTIFICATION -> "IJB 1:N";
    };
  }

  private static String explained(Protocol protocol) {
    return switch (protocol) {
      case PAIRS ->
          "Does the network tell whether two pictures show one person? Accuracy is the share of"
              + " pairs judged correctly at the best threshold for these very pairs. 10-fold"
              + " chooses the threshold on nine tenths and measures on the rest, as papers report."
              + " VAL is the share of same-person pairs accepted when 1 in 1,000 others is.";
      case FOLDER ->
          "Is each picture nearest to its own person? Every picture is compared with every person's"
              + " prototype, the mean of the person's pictures. With the picture itself in that"
              + " mean the figures are too good; left out, they are fair.";
      case IJB_VERIFICATION ->
          "Templates, sets of pictures of one person, are compared with one another. Of N, D and F"
              + " a 1 says: N, each embedding is divided by its norm; D, weighted by the detector's"
              + " score; F, the mirror image is added. N0D1F1 is the usual one.";
      case IJB_IDENTIFICATION ->
          "Probes are searched in two galleries of known people. Rank 1 is the share found first."
              + " DIR@FAR is the share found first with a similarity that only this share of"
              + " unknown people reaches.";
    };
  }

  /** Names of figures as people read them. */
  private static String named(String figure) {
    return switch (figure) {
      case "tenFoldAccuracy" -> "10-fold";
      case "validation" -> "VAL@1e-3";
      case "auc" -> "AUC";
      default ->
          figure.startsWith("tar@")
              ? "TAR@" + figure.substring(4)
              : figure.startsWith("dir@") ? "DIR@" + figure.substring(4) : figure;
    };
  }

  private void examples(Material.Kept kept) {
    if (kept.result().examples().isEmpty()) {
      return;
    }
    heading("Hardest pairs of " + kept.result().set() + ", " + kept.name());
    double threshold = kept.result().figures().getOrDefault("threshold", Double.NaN);
    body.append("<ul class=\"pairs\">\n");
    for (ConfusionExample example : kept.result().examples()) {
      boolean taken = example.cosine() > threshold;
      String verdict =
          example.same()
              ? "same person, " + (taken ? "recognised" : "not recognised")
              : "two people, " + (taken ? "taken for one" : "told apart");
      body.append("<li>").append(picture(example.first(), "first face of " + example.where()));
      body.append(picture(example.second(), "second face of " + example.where()));
      body.append("<strong>").append(verdict).append("</strong>");
      body.append(Html.escaped(example.where()));
      body.append(", cosine ").append(Html.figure(example.cosine())).append("</li>\n");
    }
    body.append("</ul>\n");
  }

  private static String picture(byte[] jpeg, String alt) {
    return "<img width=\"96\" height=\"96\" alt=\""
        + Html.escaped(alt)
        + "\" src=\"data:image/jpeg;base64,"
        + Base64.getEncoder().encodeToString(jpeg)
        + "\">";
  }

  private void cleanings() {
    if (material.cleanings().isEmpty()) {
      return;
    }
    section("dropped", "Dropped images");
    paragraph(
        "Images that drop-topk took out of a training set, as they lie far from their identity's"
            + " dominant sub-centre or mean.");
    List<List<String>> rows = new ArrayList<>();
    List<Plot> angles = new ArrayList<>();
    for (CleaningRecord one : material.cleanings()) {
      long dropped = one.images() - one.kept();
      rows.add(
          List.of(
              one.name(),
              Html.figure(one.images()),
              Html.figure(dropped),
              String.format(Locale.ROOT, "%.2f %%", 100.0 * dropped / Math.max(1, one.images())),
              Html.figure(one.identities()),
              Html.figure(one.identities() - one.left()),
              one.degrees() + "° to the " + one.centre()));
      if (dropped > 0) {
        angles.add(angles(one));
      }
    }
    body.append(
        Html.table(
            "Cleaned sets",
            List.of("set", "images", "dropped", "share", "identities", "identities lost", "angle"),
            rows));
    figures(angles);
    body.append("<div class=\"tables\">\n");
    for (CleaningRecord one : material.cleanings()) {
      if (!one.worst().isEmpty()) {
        body.append(
            Html.table(
                "Identities of " + one.name() + " that lost most images",
                List.of("identity", "images", "dropped"),
                one.worst().stream()
                    .map(
                        person ->
                            List.of(
                                person.identity(),
                                Html.figure(person.images()),
                                Html.figure(person.images() - person.kept())))
                    .toList()));
      }
    }
    body.append("</div>\n");
  }

  private void terms() {
    section("terms", "Terms");
    body.append("<dl>\n");
    TERMS.forEach(
        (term, meaning) ->
            body.append("<dt>").append(term).append("</dt><dd>").append(meaning).append("</dd>\n"));
    body.append("</dl>\n");
  }

  private static Map<String, String> explanations() {
    Map<String, String> terms = new LinkedHashMap<>();
    terms.put("embedding", "The numbers the network makes of a face; alike for one person.");
    terms.put(
        "cosine, score",
        "Likeness of two embeddings, from -1 to 1. At or above a threshold two pictures are taken"
            + " for one person.");
    terms.put("FAR", "False accept rate: share of pairs of two people that are taken for one.");
    terms.put(
        "TAR, TAR@1e-4",
        "True accept rate: share of pairs of one person that are recognised; here with the"
            + " threshold at which FAR is nearest to 1 in 10,000. With fewer pairs of two people"
            + " than that, it is the rate at which none is accepted.");
    terms.put("ROC, AUC", "TAR by FAR as the threshold moves; the area under it, 1 at best.");
    return terms;
  }

  private static Plot angles(CleaningRecord one) {
    int bins = one.angles().length;
    double[] x = new double[2 * bins];
    double[] y = new double[2 * bins];
    for (int i = 0; i < bins; i++) {
      x[2 * i] = i * CleaningRecord.BIN;
      x[2 * i + 1] = (i + 1) * CleaningRecord.BIN;
      y[2 * i] = one.angles()[i];
      y[2 * i + 1] = one.angles()[i];
    }
    return new Plot(
        "dropped-" + one.name(),
        "Dropped images of " + one.name(),
        "Dropped images by the angle to their "
            + one.centre()
            + ", in bins of "
            + CleaningRecord.BIN
            + " degrees.",
        Axis.exactly("degrees to the " + one.centre(), 0, 180),
        Axis.linear("images", 0, Arrays.stream(one.angles()).max().orElse(1)),
        List.of(new Plot.Series("dropped images", x, y, Plot.Style.AREA, -1)),
        List.of());
  }

  private String page() {
    List<String> scripts = new ArrayList<>(List.of(Style.themeScript()));
    if (watched) {
      scripts.add(Style.watchScript());
    }
    String allowed = String.join(" ", scripts.stream().map(Style::digest).toList());
    String title =
        material.runs().isEmpty()
            ? "Evaluation"
            : String.join(", ", material.runs().stream().map(RunRecord::name).toList());
    StringBuilder html = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    html.append("<meta charset=\"utf-8\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    html.append("style-src 'unsafe-inline'; img-src data:; connect-src ");
    html.append(watched ? "'self'" : "'none'").append("; script-src ").append(allowed);
    html.append("\">\n<title>").append(Html.escaped(title)).append(" – Sparkface report</title>\n");
    html.append("<link rel=\"icon\" href=\"data:,\">\n<style>\n");
    html.append(Style.plots()).append(Style.page()).append("</style>\n</head>\n<body>\n");
    html.append("<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n<h1>");
    html.append(Html.escaped(title)).append("</h1>\n<p class=\"lead\">").append(lead());
    html.append("</p>\n");
    if (watched) {
      html.append("<p id=\"state\" role=\"status\"></p>\n");
    }
    html.append("<button id=\"theme\" type=\"button\" hidden>Dark colours</button>\n</header>\n");
    html.append("<main id=\"main\" tabindex=\"-1\">\n<nav aria-label=\"Contents\"><ul>");
    contents.forEach(
        (id, name) ->
            html.append("<li><a href=\"#")
                .append(id)
                .append("\">")
                .append(Html.escaped(name))
                .append("</a></li>"));
    html.append("</ul></nav>\n").append(body).append("</main>\n");
    html.append("<footer><p>Made by Sparkface from ");
    html.append(Html.escaped(String.join(", ", sources())));
    html.append(".</p></footer>\n");
    scripts.forEach(script -> html.append("<script>").append(script).append("</script>\n"));
    return html.append("</body>\n</html>\n").toString();
  }

  private String lead() {
    int runs = material.runs().size();
    return (runs == 0
            ? "How well face-recognition networks do."
            : runs == 1
                ? "Training of a face-recognition network, and how well it does."
                : "Training of " + runs + " face-recognition networks, compared.")
        + " <a href=\"#terms\">What the terms mean</a>";
  }

  private List<String> sources() {
    Set<String> sources = new LinkedHashSet<>();
    material.runs().forEach(run -> sources.add(run.path()));
    material.results().stream()
        .map(Material.Kept::result)
        .map(EvaluationResult::model)
        .filter(model -> model != null)
        .forEach(sources::add);
    material.cleanings().forEach(cleaning -> sources.add(cleaning.path()));
    return List.copyOf(sources);
  }
}
