package io.sparkface.pipeline.align;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.PlaneTransform;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.detect.DetectedFace;
import io.sparkface.pipeline.detect.FaceDetector;
import io.sparkface.pipeline.detect.Photo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Finds the faces of one photo after another and aligns them. */
public final class PhotoAligner implements AutoCloseable {
  private final FaceCutting cutting;
  private final FaceDetector detector;

  /**
   * @param threads of the detector
   */
  public PhotoAligner(FaceCutting cutting, int threads, Configuration hadoop) {
    this.cutting = cutting;
    this.detector = FaceDetector.open(cutting.detector(), cutting.detection(), threads, hadoop);
  }

  /** A face and its aligned picture. */
  public record Cut(DetectedFace face, RgbImage aligned, FaceQuality quality) {}

  /** What became of a photo. */
  public sealed interface Outcome {
    /** One face or, where all are kept, several; the chosen one first. */
    record Aligned(List<Cut> faces) implements Outcome {}

    /** No face, or none that passed the filter. */
    record WithoutFace(String reason) implements Outcome {}

    /** No picture. */
    record Unreadable(String reason) implements Outcome {}
  }

  /**
   * @param where named in reasons
   */
  Outcome align(PhotoPart.Encoded encoded, String where) throws IOException {
    RgbImage photo;
    try {
      photo = Photo.decode(encoded.bytes(), where);
    } catch (UserError e) {
      return new Outcome.Unreadable(e.problem());
    }
    return align(photo);
  }

  /** As {@link #align(PhotoPart.Encoded, String)}, for a photo that is decoded already. */
  public Outcome align(RgbImage photo) {
    List<Cut> kept = new ArrayList<>();
    String reason = "no face was found";
    for (DetectedFace face : cutting.choice().ordered(detector.detect(photo), photo)) {
      Optional<String> refusal = cutting.filter().refuses(face.box());
      if (refusal.isEmpty()) {
        Optional<Cut> cut = cut(photo, face);
        refusal =
            cut.isEmpty()
                ? Optional.of("the landmarks are in one place")
                : cutting.filter().refuses(cut.get().quality());
        if (refusal.isEmpty()) {
          kept.add(cut.get());
          if (cutting.faces() == FaceCutting.Faces.ONE) {
            break;
          }
        }
      }
      if (refusal.isPresent() && reason.startsWith("no face")) {
        // that of the chosen face, which says most
        reason = refusal.get();
      }
    }
    return kept.isEmpty() ? new Outcome.WithoutFace(reason) : new Outcome.Aligned(kept);
  }

  private Optional<Cut> cut(RgbImage photo, DetectedFace face) {
    try {
      PlaneTransform transform = cutting.alignment().transform(face.landmarks(), cutting.size());
      RgbImage aligned = transform.warp(photo, cutting.size(), cutting.size());
      return Optional.of(
          new Cut(face, aligned, FaceQuality.of(aligned, face.landmarks(), transform)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    detector.close();
  }
}
