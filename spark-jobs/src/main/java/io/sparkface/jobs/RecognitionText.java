package io.sparkface.jobs;

import io.sparkface.pipeline.detect.Box;
import io.sparkface.pipeline.detect.DetectedFace;
import io.sparkface.pipeline.recognize.KnownPeople;
import io.sparkface.pipeline.recognize.VideoRecognition;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What {@code recognize} prints for people.
 *
 * @param threshold least cosine of a known person
 */
record RecognitionText(PrintStream results, double threshold) {
  void noFace(Path image) {
    results.println(image + ": no face was found");
  }

  void face(Path image, DetectedFace face, List<KnownPeople.Match> matches) {
    Box box = face.box();
    results.printf(
        Locale.ROOT,
        "%s (%.0f,%.0f)-(%.0f,%.0f) score %.2f",
        image,
        box.left(),
        box.top(),
        box.right(),
        box.bottom(),
        face.score());
    for (KnownPeople.Match match : matches) {
      results.printf(
          Locale.ROOT,
          "  %s %.4f%s",
          match.name(),
          match.cosine(),
          match.cosine() >= threshold ? "" : " (below the threshold)");
    }
    results.println();
  }

  /** Rows have number and name, columns the number. */
  void cosines(List<String> names, double[][] cosines) {
    int width = names.stream().mapToInt(String::length).max().orElse(0);
    StringBuilder table = new StringBuilder(" ".repeat(width + 5));
    for (int i = 1; i <= names.size(); i++) {
      table.append(String.format(Locale.ROOT, " %7d", i));
    }
    for (int i = 0; i < cosines.length; i++) {
      table.append(String.format(Locale.ROOT, "%n%4d %-" + width + "s", i + 1, names.get(i)));
      for (double cosine : cosines[i]) {
        table.append(String.format(Locale.ROOT, " %7.4f", cosine));
      }
    }
    results.println(table);
  }

  void video(VideoRecognition.Summary summary) {
    results.printf(
        "%d frames, %d looked at, %d faces, %d of them unknown%n",
        summary.frames(), summary.looks(), summary.faces(), summary.unknown());
    for (VideoRecognition.Sighting one : summary.people()) {
      results.printf(
          Locale.ROOT,
          "%s: %d looks, %.1f s to %.1f s, best cosine %.4f%n",
          one.name(),
          one.looks(),
          one.firstSeconds(),
          one.lastSeconds(),
          one.bestCosine());
    }
  }
}
