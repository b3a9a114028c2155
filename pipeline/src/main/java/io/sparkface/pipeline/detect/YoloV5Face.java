package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * YoloV5-face (Qi et al., 2021, "YOLO5Face: Why Reinventing a Face Detector"). Sixteen numbers at
 * each of three anchors a place, strides s = 8, 16, 32: box, objectness, five points, class. It is
 * published with its outputs laid out in three ways, {@link Heads}.
 *
 * <p>Raw heads are decoded so (spec 1.9): with g = (column, row) s, the centre is 2s σ(xy) - s/2 +
 * g, the size (2σ(wh))² a, a point k a + g, where a is the anchor in pixels.
 */
record YoloV5Face(Heads heads, boolean channelsFirst) implements DetectorFamily {
  private static final int NUMBERS = 16;
  private static final int ANCHORS = 3;
  private static final int[] STRIDES = {8, 16, 32};
  private static final double[][] ANCHOR_SIDES = {
    {4, 5, 8, 10, 13, 16}, {23, 29, 43, 55, 73, 105}, {146, 217, 231, 300, 336, 433}
  };

  /** Layouts of the outputs. */
  enum Heads {
    /** Keras_insightface's: one output a stride, [1, rows, columns, 3 * 16]; score = σ(object). */
    CHANNELS_LAST,
    /** deepcam-cn's, raw: one output a stride, [1, 3, rows, columns, 16]; score = σ(o) σ(c). */
    ANCHORS_FIRST,
    /** deepcam-cn's, joined and decoded: [1, places, 16], pixels; score = object * class. */
    DECODED
  }

  /** A model with these shapes, where it is of this family. */
  static Optional<DetectorFamily> of(long[] input, Collection<long[]> outputs) {
    boolean first = input.length == 4 && input[1] == 3;
    long[] shape = outputs.iterator().next();
    if (outputs.size() == 3 && Outputs.ending(outputs, ANCHORS * NUMBERS) == 3) {
      return Optional.of(new YoloV5Face(Heads.CHANNELS_LAST, first));
    }
    if (outputs.size() == 3 && Outputs.ending(outputs, NUMBERS) == 3 && shape.length == 5) {
      return Optional.of(new YoloV5Face(Heads.ANCHORS_FIRST, first));
    }
    if (outputs.size() == 1 && Outputs.ending(outputs, NUMBERS) == 1 && shape.length == 3) {
      return Optional.of(new YoloV5Face(Heads.DECODED, first));
    }
    return Optional.empty();
  }

  /** RGB: 0 to 255 and channels last as the original's, 0 to 1 and channels first as deepcam's. */
  @Override
  public OnnxNetwork.Values input(RgbImage canvas) {
    byte[] rgb = canvas.rgb();
    int plane = rgb.length / 3;
    float[] values = new float[rgb.length];
    for (int i = 0; i < rgb.length; i++) {
      if (channelsFirst) {
        values[i % 3 * plane + i / 3] = (rgb[i] & 255) / 255f;
      } else {
        values[i] = rgb[i] & 255;
      }
    }
    long rows = canvas.height();
    long columns = canvas.width();
    return new OnnxNetwork.Values(
        channelsFirst ? new long[] {1, 3, rows, columns} : new long[] {1, rows, columns, 3},
        values);
  }

  @Override
  public List<DetectedFace> decode(
      Map<String, OnnxNetwork.Values> outputs, RgbImage canvas, double leastScore) {
    List<DetectedFace> faces = new ArrayList<>();
    if (heads == Heads.DECODED) {
      decoded(outputs.values().iterator().next().values(), leastScore, faces);
      return faces;
    }
    int numbers = heads == Heads.CHANNELS_LAST ? ANCHORS * NUMBERS : NUMBERS;
    List<float[]> byStride = Outputs.byStride(outputs.values(), numbers);
    for (int level = 0; level < STRIDES.length; level++) {
      int columns = canvas.width() / STRIDES[level];
      int rows = canvas.height() / STRIDES[level];
      for (int place = 0; place < rows * columns; place++) {
        for (int anchor = 0; anchor < ANCHORS; anchor++) {
          int offset =
              NUMBERS
                  * (heads == Heads.CHANNELS_LAST
                      ? place * ANCHORS + anchor
                      : anchor * rows * columns + place);
          raw(byStride.get(level), offset, level, anchor, place, columns, leastScore, faces);
        }
      }
    }
    return faces;
  }

  private void raw(
      float[] values,
      int offset,
      int level,
      int anchor,
      int place,
      int columns,
      double leastScore,
      List<DetectedFace> faces) {
    double score = Outputs.sigmoid(values[offset + 4]);
    if (heads == Heads.ANCHORS_FIRST) {
      score *= Outputs.sigmoid(values[offset + 15]);
    }
    if (score > leastScore) {
      int stride = STRIDES[level];
      double anchorWidth = ANCHOR_SIDES[level][2 * anchor];
      double anchorHeight = ANCHOR_SIDES[level][2 * anchor + 1];
      double x = place % columns * stride;
      double y = place / columns * stride;
      double halfWidth = square(2 * Outputs.sigmoid(values[offset + 2])) * anchorWidth / 2;
      double halfHeight = square(2 * Outputs.sigmoid(values[offset + 3])) * anchorHeight / 2;
      double centreX = (2 * Outputs.sigmoid(values[offset]) - 0.5) * stride + x;
      double centreY = (2 * Outputs.sigmoid(values[offset + 1]) - 0.5) * stride + y;
      faces.add(
          new DetectedFace(
              new Box(
                  centreX - halfWidth,
                  centreY - halfHeight,
                  centreX + halfWidth,
                  centreY + halfHeight),
              score,
              Outputs.landmarks(values, offset + 5, anchorWidth, anchorHeight, x, y)));
    }
  }

  private static void decoded(float[] values, double leastScore, List<DetectedFace> faces) {
    for (int offset = 0; offset < values.length; offset += NUMBERS) {
      double score = (double) values[offset + 4] * values[offset + 15];
      if (score > leastScore) {
        float[] box = Arrays.copyOfRange(values, offset, offset + 4);
        faces.add(
            new DetectedFace(
                new Box(
                    box[0] - box[2] / 2,
                    box[1] - box[3] / 2,
                    box[0] + box[2] / 2,
                    box[1] + box[3] / 2),
                score,
                Outputs.landmarks(values, offset + 5, 1, 1, 0, 0)));
      }
    }
  }

  private static double square(double x) {
    return x * x;
  }

  @Override
  public double leastScore() {
    return 0.25;
  }

  @Override
  public double mostOverlap() {
    return 0.45;
  }

  @Override
  public CanvasRule canvas() {
    return CanvasRule.NATIVE;
  }
}
