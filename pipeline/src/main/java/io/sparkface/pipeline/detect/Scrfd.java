package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * SCRFD with key points (Guo et al., 2021, "Sample and Computation Redistribution for Efficient
 * Face Detection"), as InsightFace exports it: RGB, (x - 127.5) / 128, NCHW. For each stride s a
 * score, a box and five points at each anchor; two anchors a place with three strides (8, 16, 32),
 * one with five (8 to 128). With the anchor's place (x, y) = (column, row) * s, the box is x - s
 * d0, y - s d1, x + s d2, y + s d3, a point is x + s k0, y + s k1, and scores are probabilities.
 */
record Scrfd(int strides, int anchors) implements DetectorFamily {
  /** A model with these outputs, where it is of this family. */
  static Optional<DetectorFamily> of(Collection<long[]> outputs) {
    int count = outputs.size() / 3;
    boolean fits =
        (count == 3 || count == 5)
            && outputs.size() == 3 * count
            && Outputs.ending(outputs, 1) == count
            && Outputs.ending(outputs, 4) == count
            && Outputs.ending(outputs, 10) == count;
    return fits ? Optional.of(new Scrfd(count, count == 3 ? 2 : 1)) : Optional.empty();
  }

  @Override
  public OnnxNetwork.Values input(RgbImage canvas) {
    float[] values = new float[canvas.rgb().length];
    Normalisation.FACE.toNchw(canvas, values, 0);
    return new OnnxNetwork.Values(new long[] {1, 3, canvas.height(), canvas.width()}, values);
  }

  @Override
  public List<DetectedFace> decode(
      Map<String, OnnxNetwork.Values> outputs, RgbImage canvas, double leastScore) {
    List<float[]> scores = Outputs.byStride(outputs.values(), 1);
    List<float[]> boxes = Outputs.byStride(outputs.values(), 4);
    List<float[]> points = Outputs.byStride(outputs.values(), 10);
    List<DetectedFace> faces = new ArrayList<>();
    for (int level = 0; level < strides; level++) {
      int stride = 8 << level;
      int columns = (canvas.width() + stride - 1) / stride;
      float[] score = scores.get(level);
      float[] box = boxes.get(level);
      for (int i = 0; i < score.length; i++) {
        if (score[i] >= leastScore) {
          double x = i / anchors % columns * stride;
          double y = i / anchors / columns * stride;
          faces.add(
              new DetectedFace(
                  new Box(
                      x - stride * box[4 * i],
                      y - stride * box[4 * i + 1],
                      x + stride * box[4 * i + 2],
                      y + stride * box[4 * i + 3]),
                  score[i],
                  Outputs.landmarks(points.get(level), 10 * i, stride, stride, x, y)));
        }
      }
    }
    return faces;
  }

  @Override
  public double leastScore() {
    return 0.5;
  }

  @Override
  public double mostOverlap() {
    return 0.4;
  }

  @Override
  public CanvasRule canvas() {
    return CanvasRule.SQUARE;
  }
}
