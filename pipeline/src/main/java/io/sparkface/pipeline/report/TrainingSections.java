package io.sparkface.pipeline.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How runs went: a table of all, their curves, their accuracy and best epochs. */
final class TrainingSections {
  private final List<RunRecord> runs;
  private final String metric;
  private final PageBody body;

  private TrainingSections(List<RunRecord> runs, String metric, PageBody body) {
    this.runs = runs;
    this.metric = metric;
    this.body = body;
  }

  /**
   * @param metric what best epochs are chosen by, as {@link BestEpochs} takes it
   */
  static void write(List<RunRecord> runs, String metric, PageBody body) {
    new TrainingSections(runs, metric, body).write();
  }

  private void write() {
    TrainingPlots training = new TrainingPlots(runs);
    if (!runs.isEmpty()) {
      body.section("summary", "Summary");
      summary();
      body.section("training", "Training");
      body.paragraph(
          "An epoch is one pass over the training images. Where a plan has several stages, dashed"
              + " vertical lines mark where each begins.");
      body.figures(training.curves());
    }
    List<Plot> sets = training.sets();
    if (!sets.isEmpty()) {
      body.section("accuracy", "Accuracy on pair sets");
      body.paragraph(
          "A pair set holds pairs of pictures, some of one person, some of two; best of people the"
              + " network was not trained on. Accuracy is the share of pairs judged correctly at"
              + " the best threshold, after each epoch and wherever the plan says. The highest is"
              + " marked.");
      body.figures(sets);
      bestEpochs();
    }
  }

  private void summary() {
    Set<String> facts = new LinkedHashSet<>();
    runs.forEach(run -> facts.addAll(run.facts().keySet()));
    Set<String> sets = new LinkedHashSet<>();
    runs.forEach(run -> sets.addAll(run.sets()));
    List<String> head = new ArrayList<>(List.of("run", "epochs", "last loss"));
    sets.forEach(set -> head.add("best " + set));
    head.add("images/s");
    head.addAll(facts);
    List<List<String>> rows = new ArrayList<>();
    for (RunRecord run : runs) {
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
    body.table("Runs", head, rows);
  }

  private void bestEpochs() {
    BestEpochs.of(runs, metric)
        .ifPresent(
            best -> {
              body.heading("Best epochs");
              body.tables(
                  best.tables().stream()
                      .map(table -> Html.table(table.title(), table.head(), table.rows()))
                      .toList());
            });
  }
}
