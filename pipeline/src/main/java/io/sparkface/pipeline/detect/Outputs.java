package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** What detectors' outputs have in common. */
final class Outputs {
  private Outputs() {}

  /** How many of the shapes end with {@code last}. */
  static int ending(Collection<long[]> shapes, long last) {
    return (int) shapes.stream().filter(s -> s.length > 1 && s[s.length - 1] == last).count();
  }

  /** The outputs with so many values a place, the one with most places (smallest stride) first. */
  static List<float[]> byStride(Collection<OnnxNetwork.Values> outputs, int valuesEach) {
    return outputs.stream()
        .filter(o -> o.shape()[o.shape().length - 1] == valuesEach)
        .map(OnnxNetwork.Values::values)
        .sorted(Comparator.comparingInt((float[] values) -> values.length).reversed())
        .toList();
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** Five points at {@code offset}: x = a value times {@code scaleX} plus {@code x}, and so on. */
  static FaceLandmarks landmarks(
      float[] values, int offset, double scaleX, double scaleY, double x, double y) {
    double[] points = new double[10];
    for (int i = 0; i < 10; i += 2) {
      points[i] = values[offset + i] * scaleX + x;
      points[i + 1] = values[offset + i + 1] * scaleY + y;
    }
    return FaceLandmarks.of(points);
  }
}
