package io.sparkface.pipeline.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What drop-topk took out of training sets. */
final class CleaningSection {
  private CleaningSection() {}

  static void write(List<CleaningRecord> cleanings, PageBody body) {
    if (cleanings.isEmpty()) {
      return;
    }
    body.section("dropped", "Dropped images");
    body.paragraph(
        "Images that drop-topk took out of a training set, as they lie far from their identity's"
            + " dominant sub-centre or mean.");
    List<List<String>> rows = new ArrayList<>();
    List<Plot> angles = new ArrayList<>();
    for (CleaningRecord one : cleanings) {
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
    body.table(
        "Cleaned sets",
        List.of("set", "images", "dropped", "share", "identities", "identities lost", "angle"),
        rows);
    body.figures(angles);
    body.tables(
        cleanings.stream()
            .filter(one -> !one.worst().isEmpty())
            .map(CleaningSection::worst)
            .toList());
  }

  private static String worst(CleaningRecord one) {
    return Html.table(
        "Identities of " + one.name() + " that lost most images",
        List.of("identity", "images", "dropped"),
        one.worst().stream()
            .map(
                person ->
                    List.of(
                        person.identity(),
                        Html.figure(person.images()),
                        Html.figure(person.images() - person.kept())))
            .toList());
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
}
