package io.sparkface.pipeline.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Curves of runs over epochs, one plot a quantity, one series a run. */
record TrainingPlots(List<RunRecord> runs) {
  /** A plot of more points would not show more. */
  private static final int MOST_POINTS = 300;

  /** Losses side by side in one stage, by the original's names. */
  private static final Map<String, String> HEADS =
      new TreeMap<>(
          Map.of(
              "arcface_loss", "Loss of the margin head",
              "softmax_loss", "Loss of the softmax head",
              "center_embedding_loss", "Centre loss",
              "triplet_embedding_loss", "Triplet loss",
              "distill_embedding_loss", "Distillation loss"));

  List<Plot> curves() {
    List<Plot> plots = new ArrayList<>();
    overEpochs("loss", "Training loss", "mean loss of an epoch", Best.LOWEST).ifPresent(plots::add);
    HEADS.forEach(
        (curve, title) ->
            overEpochs(curve, title, "mean of an epoch, without its weight", Best.LOWEST)
                .ifPresent(plots::add));
    steps().ifPresent(plots::add);
    overEpochs("accuracy", "Training accuracy", "share of training images", Best.HIGHEST)
        .ifPresent(plots::add);
    overEpochs("lr", "Learning rate", "learning rate at the start of an epoch", Best.NONE)
        .ifPresent(plots::add);
    overEpochs("images_per_second", "Throughput", "images per second", Best.NONE)
        .ifPresent(plots::add);
    overEpochs("regular_loss", "Regularisation", "part of the loss", Best.NONE)
        .ifPresent(plots::add);
    return plots;
  }

  /** One plot a pair set. */
  List<Plot> sets() {
    Set<String> sets = new LinkedHashSet<>();
    runs.forEach(run -> sets.addAll(run.sets()));
    return sets.stream()
        .flatMap(
            set ->
                overEpochs(
                    set, "Accuracy on " + set, "share of pairs judged correctly", Best.HIGHEST)
                    .stream())
        .toList();
  }

  private enum Best {
    HIGHEST,
    LOWEST,
    NONE
  }

  private Optional<Plot> overEpochs(String curve, String title, String unit, Best best) {
    return plot(
        "run-" + curve,
        title,
        unit,
        "epoch",
        best,
        run -> run.curve(curve),
        marks(run -> run.curve(curve).isPresent()));
  }

  private Optional<Plot> steps() {
    return plot(
        "run-step-loss",
        "Loss of single steps",
        "loss",
        "step",
        Best.NONE,
        run -> Optional.of(thinned(run.steps())).filter(curve -> curve.size() > 1),
        List.of());
  }

  private Optional<Plot> plot(
      String name,
      String title,
      String unit,
      String across,
      Best best,
      Function<RunRecord, Optional<RunRecord.Curve>> of,
      List<Plot.Mark> marks) {
    List<Plot.Series> series = new ArrayList<>();
    for (RunRecord run : runs) {
      of.apply(run)
          .filter(curve -> Arrays.stream(curve.y()).anyMatch(Double::isFinite))
          .ifPresent(
              curve ->
                  series.add(
                      switch (best) {
                        case HIGHEST -> Plot.Series.highest(run.name(), curve.x(), curve.y());
                        case LOWEST -> Plot.Series.lowest(run.name(), curve.x(), curve.y());
                        case NONE -> Plot.Series.line(run.name(), curve.x(), curve.y());
                      }));
    }
    if (series.isEmpty()) {
      return Optional.empty();
    }
    Range x = Range.of(series, Plot.Series::x);
    Range y = Range.of(series, Plot.Series::y);
    double first = across.equals("epoch") ? Math.min(1, x.low()) : x.low();
    return Optional.of(
        new Plot(
            name,
            title,
            told(title, across, best, series, marks),
            across.equals("epoch")
                ? Axis.exactly(across, first, Math.max(x.high(), first + 1))
                : Axis.linear(across, 0, x.high()),
            // a rate or a speed is compared with none at all, not with its least
            Axis.linear(unit, best == Best.NONE ? Math.min(0, y.low()) : y.low(), y.high()),
            series,
            marks));
  }

  private static String told(
      String title, String across, Best best, List<Plot.Series> series, List<Plot.Mark> marks) {
    StringBuilder text = new StringBuilder(title + " by " + across + ". ");
    for (Plot.Series one : series) {
      int last = one.y().length - 1;
      text.append(
          String.format(
              Locale.ROOT,
              "%s: from %s to %s",
              one.name(),
              Html.figure(one.y()[0]),
              Html.figure(one.y()[last])));
      if (one.highlight() >= 0) {
        text.append(best == Best.HIGHEST ? ", highest " : ", lowest ");
        text.append(Html.figure(one.y()[one.highlight()])).append(" at ").append(across);
        text.append(' ').append(Html.figure(one.x()[one.highlight()]));
      }
      text.append(". ");
    }
    if (!marks.isEmpty()) {
      text.append("Vertical lines: ");
      marks.forEach(mark -> text.append(mark.label()).append("; "));
      text.append("each where the stage begins.");
    }
    return text.toString().strip();
  }

  /** Where stages begin, between two epochs; of the first run in the plot that has several. */
  private List<Plot.Mark> marks(java.util.function.Predicate<RunRecord> shown) {
    Optional<RunRecord> staged =
        runs.stream().filter(shown).filter(run -> run.stages().size() > 1).findFirst();
    if (staged.isEmpty()) {
      return List.of();
    }
    boolean alone =
        runs.stream().filter(shown).allMatch(run -> run.stages().equals(staged.get().stages()));
    return staged.get().stages().stream()
        .filter(stage -> stage.epoch() > 1)
        .map(
            stage ->
                new Plot.Mark(
                    stage.epoch() - 0.5,
                    (alone ? "" : staged.get().name() + " ") + "stage " + stage.number()))
        .toList();
  }

  /** Means of as many neighbours as leave no more than {@value #MOST_POINTS}. */
  private static RunRecord.Curve thinned(RunRecord.Curve curve) {
    int each = (curve.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (each <= 1) {
      return curve;
    }
    int size = (curve.size() + each - 1) / each;
    double[] x = new double[size];
    double[] y = new double[size];
    for (int i = 0; i < size; i++) {
      int to = Math.min(curve.size(), (i + 1) * each);
      x[i] = curve.x()[to - 1];
      y[i] = Arrays.stream(curve.y(), i * each, to).average().orElse(Double.NaN);
    }
    return new RunRecord.Curve(x, y);
  }

  /** Least and greatest of the values that are numbers. */
  record Range(double low, double high) {
    static Range of(List<Plot.Series> series, Function<Plot.Series, double[]> values) {
      double[] all =
          series.stream()
              .map(values)
              .flatMapToDouble(Arrays::stream)
              .filter(Double::isFinite)
              .toArray();
      return new Range(Arrays.stream(all).min().orElse(0), Arrays.stream(all).max().orElse(1));
    }
  }
}
