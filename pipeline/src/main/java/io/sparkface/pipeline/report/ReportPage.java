package io.sparkface.pipeline.report;

import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.EvaluationResult.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The page, one HTML file that needs no other: styles, scripts and pictures stand in it, and its
 * content security policy lets nothing else in.
 */
final class ReportPage {
  private static final Map<String, String> TERMS = explanations();

  private final Material material;
  private final String metric;
  private final boolean watched;
  private final PageBody body = new PageBody();

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
    TrainingSections.write(material.runs(), metric, body);
    for (Protocol protocol : Protocol.values()) {
      ResultSection.write(protocol, material.results(), body);
    }
    CleaningSection.write(material.cleanings(), body);
    terms();
    return new Rendered(page(), body.plots());
  }

  private void terms() {
    StringBuilder list = new StringBuilder("<dl>\n");
    TERMS.forEach(
        (term, meaning) ->
            list.append("<dt>").append(term).append("</dt><dd>").append(meaning).append("</dd>\n"));
    body.section("terms", "Terms");
    body.markup(list.append("</dl>\n").toString());
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
    body.contents()
        .forEach(
            (id, name) ->
                html.append("<li><a href=\"#")
                    .append(id)
                    .append("\">")
                    .append(Html.escaped(name))
                    .append("</a></li>"));
    html.append("</ul></nav>\n").append(body.html()).append("</main>\n");
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
