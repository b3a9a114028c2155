package io.sparkface.pipeline.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The original's four tables of the best epochs of runs (spec 10, {@code choose_accuracy}): by one
 * pair set, of each set, by the sum over the sets, and the latest. Among equals the first epoch is
 * the best; the best run comes first.
 *
 * @param sets the pair sets that all runs have
 * @param metric the set that chooses
 */
record BestEpochs(List<RunRecord> runs, List<String> sets, String metric) {
  /**
   * A table: a run a row, then its epoch (where there is one), then each set's accuracy.
   *
   * @param title what the rows are chosen by
   */
  record Table(String title, List<String> head, List<List<String>> rows) {}

  /**
   * @param metric a set's name; empty for the last one
   * @return empty when no set is common to the runs that have any
   */
  static Optional<BestEpochs> of(List<RunRecord> all, String metric) {
    List<RunRecord> runs = all.stream().filter(run -> !run.sets().isEmpty()).toList();
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    List<String> sets = new ArrayList<>(runs.get(0).sets());
    runs.forEach(run -> sets.retainAll(run.sets()));
    if (sets.isEmpty()) {
      return Optional.empty();
    }
    String chosen = sets.contains(metric) ? metric : sets.get(sets.size() - 1);
    return Optional.of(new BestEpochs(runs, List.copyOf(sets), chosen));
  }

  List<Table> tables() {
    List<Table> tables = new ArrayList<>();
    tables.add(byEpoch("Best by " + metric, run -> curve(run, metric).highest()));
    if (sets.size() > 1) {
      // with one set they would say the same again
      tables.add(ofEach());
      tables.add(byEpoch("Best by the sum over all sets", this::highestSum));
    }
    tables.add(byEpoch("Latest", run -> curve(run, metric).size() - 1));
    return tables;
  }

  private static RunRecord.Curve curve(RunRecord run, String set) {
    return run.curves().get(set);
  }

  private int highestSum(RunRecord run) {
    int best = -1;
    double most = Double.NEGATIVE_INFINITY;
    int size = sets.stream().mapToInt(set -> curve(run, set).size()).min().orElse(0);
    for (int i = 0; i < size; i++) {
      double sum = 0;
      for (String set : sets) {
        sum += curve(run, set).y()[i];
      }
      if (sum > most) {
        most = sum;
        best = i;
      }
    }
    return best;
  }

  private Table byEpoch(String title, ToIntFunction<RunRecord> choice) {
    List<String> head = new ArrayList<>(List.of("run", "epoch"));
    head.addAll(sets);
    List<List<String>> rows =
        runs.stream()
            .filter(run -> choice.applyAsInt(run) >= 0)
            .sorted(
                Comparator.comparingDouble(
                    run -> -value(curve(run, metric), choice.applyAsInt(run))))
            .map(
                run -> {
                  int at = choice.applyAsInt(run);
                  List<String> row = new ArrayList<>();
                  row.add(run.name());
                  row.add(Html.figure(curve(run, metric).x()[at]));
                  sets.forEach(set -> row.add(Html.share(value(curve(run, set), at))));
                  return row;
                })
            .toList();
    return new Table(title, head, rows);
  }

  private Table ofEach() {
    List<String> head = new ArrayList<>(List.of("run"));
    sets.forEach(set -> head.addAll(List.of(set, "epoch")));
    List<List<String>> rows =
        runs.stream()
            .sorted(
                Comparator.comparingDouble(
                    run -> -value(curve(run, metric), curve(run, metric).highest())))
            .map(
                run -> {
                  List<String> row = new ArrayList<>(List.of(run.name()));
                  for (String set : sets) {
                    int best = curve(run, set).highest();
                    row.add(Html.share(value(curve(run, set), best)));
                    row.add(best < 0 ? "–" : Html.figure(curve(run, set).x()[best]));
                  }
                  return row;
                })
            .toList();
    return new Table("Best of each set", head, rows);
  }

  private static double value(RunRecord.Curve curve, int at) {
    return at < 0 || at >= curve.size() ? Double.NaN : curve.y()[at];
  }
}
