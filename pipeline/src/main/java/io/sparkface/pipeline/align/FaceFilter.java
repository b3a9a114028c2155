package io.sparkface.pipeline.align;

import io.sparkface.pipeline.detect.Box;
import java.io.Serializable;
import java.util.Locale;
import java.util.Optional;

/**
 * Faces that are left out.
 *
 * @param leastSize pixels of the box's shorter side in the photo
 * @param leastSharpness see {@link FaceQuality#sharpness}
 * @param leastFrontality see {@link FaceQuality#frontality}
 * @param mostMisfit see {@link FaceQuality#misfit}
 */
public record FaceFilter(
    double leastSize, double leastSharpness, double leastFrontality, double mostMisfit)
    implements Serializable {
  /** Leaves nothing out. */
  public static final FaceFilter NONE = new FaceFilter(0, 0, 0, Double.POSITIVE_INFINITY);

  /** Why a box is refused, if it is. */
  Optional<String> refuses(Box box) {
    return box.size() < leastSize
        ? said("the face has %.0f pixels, fewer than %.0f", box.size(), leastSize)
        : Optional.empty();
  }

  /** Why a face is refused, if it is. */
  Optional<String> refuses(FaceQuality quality) {
    if (quality.sharpness() < leastSharpness) {
      return said("sharpness %.1f, less than %.1f", quality.sharpness(), leastSharpness);
    }
    if (quality.frontality() < leastFrontality) {
      return said("frontality %.2f, less than %.2f", quality.frontality(), leastFrontality);
    }
    return quality.misfit() > mostMisfit
        ? said("misfit %.1f pixels, more than %.1f", quality.misfit(), mostMisfit)
        : Optional.empty();
  }

  private static Optional<String> said(String text, double found, double wanted) {
    return Optional.of(String.format(Locale.ROOT, text, found, wanted));
  }
}
