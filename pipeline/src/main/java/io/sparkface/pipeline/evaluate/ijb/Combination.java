package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.base.UserError;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an image's embedding enters its template (spec 7.3 step 2): add the mirror image's (F),
 * divide by the norm (N), multiply by the detector's score (D), in this order.
 *
 * <p>Two conventions name combinations. In Keras_insightface's, N1 divides by the norm and F1 adds
 * the mirror image. In insightface's, N1 <em>keeps</em> the norm, and F2 adds the mirror image, F0
 * does not: {@code N0D1F1} of the one is {@code N1D1F2} of the other (trap 51).
 */
public record Combination(Set<Step> steps) implements Serializable {
  /**
   * The original's default: keep the norm, weight by the detector's score, add the mirror image.
   */
  public static final Combination USUAL =
      new Combination(EnumSet.of(Step.DETECTOR_SCORE, Step.FLIP));

  private static final Pattern NAME = Pattern.compile("N([01])D([01])F([012])");

  /** What may be done to an embedding. */
  public enum Step {
    NORMALISE,
    DETECTOR_SCORE,
    FLIP
  }

  /** Whose names. */
  public enum Convention {
    KERAS,
    INSIGHTFACE
  }

  public Combination {
    steps = Set.copyOf(steps);
  }

  /** All eight, in the order of their Keras names. */
  public static List<Combination> all() {
    List<Combination> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(of((i & 4) != 0, (i & 2) != 0, (i & 1) != 0));
    }
    return all;
  }

  private static Combination of(boolean normalise, boolean score, boolean flip) {
    Set<Step> steps = EnumSet.noneOf(Step.class);
    if (normalise) {
      steps.add(Step.NORMALISE);
    }
    if (score) {
      steps.add(Step.DETECTOR_SCORE);
    }
    if (flip) {
      steps.add(Step.FLIP);
    }
    return new Combination(steps);
  }

  /**
   * @throws UserError when there is no such name in the convention
   */
  public static Combination parse(String name, Convention convention) {
    return named(name, convention)
        .orElseThrow(
            () ->
                new UserError(
                    "there is no combination of this name",
                    name,
                    "use N0D1F" + flipped(convention) + " and the like, or another --convention"));
  }

  /** Empty when there is no such name in the convention. */
  static Optional<Combination> named(String name, Convention convention) {
    Matcher parts = NAME.matcher(name.toUpperCase(Locale.ROOT));
    String flipped = flipped(convention);
    if (!parts.matches() || !(parts.group(3).equals("0") || parts.group(3).equals(flipped))) {
      return Optional.empty();
    }
    boolean one = parts.group(1).equals("1");
    return Optional.of(
        of(
            convention == Convention.KERAS ? one : !one,
            parts.group(2).equals("1"),
            parts.group(3).equals(flipped)));
  }

  private static String flipped(Convention convention) {
    return convention == Convention.KERAS ? "1" : "2";
  }

  public String name(Convention convention) {
    boolean normalise = steps.contains(Step.NORMALISE);
    boolean n = convention == Convention.KERAS ? normalise : !normalise;
    String flip = steps.contains(Step.FLIP) ? flipped(convention) : "0";
    return "N" + (n ? 1 : 0) + "D" + (steps.contains(Step.DETECTOR_SCORE) ? 1 : 0) + "F" + flip;
  }

  /** What enters the template, in double. */
  double[] of(FaceRow row) {
    double[] values = new double[row.plain().length];
    double square = 0;
    for (int d = 0; d < values.length; d++) {
      values[d] = row.plain()[d] + (steps.contains(Step.FLIP) ? row.mirrored()[d] : 0);
      square += values[d] * values[d];
    }
    double factor = steps.contains(Step.DETECTOR_SCORE) ? row.score() : 1;
    if (steps.contains(Step.NORMALISE) && square > 0) {
      factor /= Math.sqrt(square);
    }
    for (int d = 0; d < values.length; d++) {
      values[d] *= factor;
    }
    return values;
  }
}
