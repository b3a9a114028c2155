package io.sparkface.jobs;

import io.sparkface.datasets.images.FaceAlignment;
import io.sparkface.pipeline.detect.Detection;
import picocli.CommandLine.Option;

/** How faces are found in photos and brought to their place. */
final class DetectorOptions {
  @Option(
      names = "--detector",
      converter = ClusterPath.class,
      required = true,
      description = "An .onnx file: SCRFD with key points, YuNet or YoloV5-face.")
  private String detector;

  @Option(
      names = "--min-score",
      description = "Detector's score of a face (default: its family's, 0.5, 0.7 or 0.25).")
  private double leastScore = Double.NaN;

  @Option(
      names = "--nms",
      description = "Overlap above which one of two boxes goes (default: its family's).")
  private double overlap = Double.NaN;

  @Option(
      names = "--detect-size",
      description = "Longer side of photos for detectors that take any size (640, 2048).")
  private int side;

  @Option(
      names = "--transform",
      description = "similarity (default): turn, scale, shift; affine: six free numbers.")
  private FaceAlignment transform = FaceAlignment.SIMILARITY;

  /** Path of the model. */
  String detector() {
    return detector;
  }

  Detection detection() {
    return new Detection(leastScore, overlap, side);
  }

  FaceAlignment transform() {
    return transform;
  }
}
