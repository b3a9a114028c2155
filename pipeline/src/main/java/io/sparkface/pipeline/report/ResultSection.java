package io.sparkface.pipeline.report;

import io.sparkface.pipeline.evaluate.ConfusionExample;
import io.sparkface.pipeline.evaluate.EvaluationResult.Protocol;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Kept results of one protocol, set by set: figures, curves, histograms and hard pairs. */
final class ResultSection {
  private static final int MOST_HISTOGRAMS = 4;
  private static final String PART = "same";
  private static final String GENUINE = "genuine";

  private ResultSection() {}

  static void write(Protocol protocol, List<Material.Kept> all, PageBody body) {
    Map<String, List<Material.Kept>> sets = new LinkedHashMap<>();
    for (Material.Kept kept : all) {
      if (kept.result().protocol() == protocol) {
        sets.computeIfAbsent(kept.result().set(), key -> new ArrayList<>()).add(kept);
      }
    }
    if (sets.isEmpty()) {
      return;
    }
    body.section(protocol.name().toLowerCase(Locale.ROOT).replace('_', '-'), title(protocol));
    body.paragraph(explained(protocol));
    sets.forEach(
        (set, results) -> {
          body.heading(set);
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
          body.table("Figures on " + set, head, rows);
          ResultPlots drawn = new ResultPlots(set, results);
          if (results.size() <= MOST_HISTOGRAMS) {
            body.figures(
                Stream.concat(drawn.curves().stream(), drawn.histograms().stream()).toList());
          } else {
            body.figures(drawn.curves());
            body.folded(
                "Score histograms of the " + results.size() + " results on " + set,
                drawn.histograms());
          }
          results.forEach(kept -> examples(kept, body));
        });
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

  private static void examples(Material.Kept kept, PageBody body) {
    if (kept.result().examples().isEmpty()) {
      return;
    }
    body.heading("Hardest pairs of " + kept.result().set() + ", " + kept.name());
    double threshold = kept.result().figures().getOrDefault("threshold", Double.NaN);
    StringBuilder list = new StringBuilder("<ul class=\"pairs\">\n");
    for (ConfusionExample example : kept.result().examples()) {
      boolean taken = example.cosine() > threshold;
      String verdict =
          example.same()
              ? "same person, " + (taken ? "recognised" : "not recognised")
              : "two people, " + (taken ? "taken for one" : "told apart");
      list.append("<li>").append(picture(example.first(), "first face of " + example.where()));
      list.append(picture(example.second(), "second face of " + example.where()));
      list.append("<strong>").append(verdict).append("</strong>");
      list.append(Html.escaped(example.where()));
      list.append(", cosine ").append(Html.figure(example.cosine())).append("</li>\n");
    }
    body.markup(list.append("</ul>\n").toString());
  }

  private static String picture(byte[] jpeg, String alt) {
    return "<img width=\"96\" height=\"96\" alt=\""
        + Html.escaped(alt)
        + "\" src=\"data:image/jpeg;base64,"
        + Base64.getEncoder().encodeToString(jpeg)
        + "\">";
  }
}
