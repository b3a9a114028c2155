package io.sparkface.pipeline.detect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Of boxes that overlap, the one with the best score. */
final class NonMaximumSuppression {
  private NonMaximumSuppression() {}

  /**
   * Greedy: the best candidate stays and takes those away that overlap it by more than {@code
   * mostOverlap}, then the best of the rest.
   *
   * @return by score, the best first
   */
  static List<DetectedFace> of(List<DetectedFace> candidates, double mostOverlap) {
    List<DetectedFace> kept = new ArrayList<>();
    candidates.stream()
        .sorted(Comparator.comparingDouble(DetectedFace::score).reversed())
        .forEach(
            face -> {
              if (kept.stream().noneMatch(k -> k.box().overlap(face.box()) > mostOverlap)) {
                kept.add(face);
              }
            });
    return kept;
  }
}
