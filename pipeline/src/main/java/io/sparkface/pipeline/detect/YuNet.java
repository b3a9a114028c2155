package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * YuNet (Wu et al., 2023, "YuNet: A Tiny Millisecond-level Face Detector"), as libfacedetection and
 * OpenCV's model zoo export it: BGR, 0 to 255, NCHW, sides multiples of 32. Outputs {@code cls_s},
 * {@code obj_s}, {@code bbox_s}, {@code kps_s} for the strides s = 8, 16, 32, one place a cell.
 * With (c, r) = (column, row): the score is √(cls obj), the centre s (c + b0, r + b1), the size s
 * (exp b2, exp b3), a point s (c + k0, r + k1).
 */
record YuNet() implements DetectorFamily {
  private static final int[] STRIDES = {8, 16, 32};

  /** A model with these outputs, where it is of this family. */
  static Optional<DetectorFamily> of(Map<String, long[]> outputs) {
    Collection<long[]> shapes = outputs.values();
    boolean fits =
        outputs.keySet().containsAll(Set.of("cls_8", "obj_16", "bbox_32", "kps_8"))
            && Outputs.ending(shapes, 1) == 6
            && Outputs.ending(shapes, 4) == 3
            && Outputs.ending(shapes, 10) == 3;
    return fits ? Optional.of(new YuNet()) : Optional.empty();
  }

  @Override
  public OnnxNetwork.Values input(RgbImage canvas) {
    byte[] rgb = canvas.rgb();
    int plane = rgb.length / 3;
    float[] values = new float[rgb.length];
    for (int i = 0; i < plane; i++) {
      values[i] = rgb[3 * i + 2] & 255;
      values[plane + i] = rgb[3 * i + 1] & 255;
      values[2 * plane + i] = rgb[3 * i] & 255;
    }
    return new OnnxNetwork.Values(new long[] {1, 3, canvas.height(), canvas.width()}, values);
  }

  @Override
  public List<DetectedFace> decode(
      Map<String, OnnxNetwork.Values> outputs, RgbImage canvas, double leastScore) {
    List<DetectedFace> faces = new ArrayList<>();
    for (int stride : STRIDES) {
      float[] classes = outputs.get("cls_" + stride).values();
      float[] objects = outputs.get("obj_" + stride).values();
      float[] box = outputs.get("bbox_" + stride).values();
      float[] points = outputs.get("kps_" + stride).values();
      int columns = canvas.width() / stride;
      for (int i = 0; i < classes.length; i++) {
        double score = Math.sqrt(probability(classes[i]) * probability(objects[i]));
        if (score >= leastScore) {
          int column = i % columns;
          int row = i / columns;
          double x = (column + box[4 * i]) * stride;
          double y = (row + box[4 * i + 1]) * stride;
          double halfWidth = Math.exp(box[4 * i + 2]) * stride / 2;
          double halfHeight = Math.exp(box[4 * i + 3]) * stride / 2;
          faces.add(
              new DetectedFace(
                  new Box(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight),
                  score,
                  Outputs.landmarks(
                      points, 10 * i, stride, stride, column * stride, row * stride)));
        }
      }
    }
    return faces;
  }

  private static double probability(double value) {
    return Math.max(0, Math.min(1, value));
  }

  @Override
  public double leastScore() {
    return 0.7;
  }

  @Override
  public double mostOverlap() {
    return 0.3;
  }

  @Override
  public CanvasRule canvas() {
    return CanvasRule.NATIVE;
  }
}
