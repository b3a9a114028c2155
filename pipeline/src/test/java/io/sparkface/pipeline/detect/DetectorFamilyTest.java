package io.sparkface.pipeline.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Decoding, against faces written into the outputs by the published formulas turned round. */
class DetectorFamilyTest {
  private static final int SIDE = 64;
  private static final RgbImage CANVAS = new RgbImage(SIDE, SIDE, new byte[3 * SIDE * SIDE]);

  @Test
  void isKnownByInputsAndOutputs() {
    assertThat(
            Scrfd.of(
                List.of(
                    s(800, 1),
                    s(200, 1),
                    s(50, 1),
                    s(800, 4),
                    s(200, 4),
                    s(50, 4),
                    s(800, 10),
                    s(200, 10),
                    s(50, 10))))
        .contains(new Scrfd(3, 2));
    assertThat(Scrfd.of(List.of(s(800, 1), s(200, 1), s(50, 1), s(800, 4), s(200, 4), s(50, 4))))
        .isEmpty();
    long[] keras = {-1, -1, -1, 3};
    long[] torch = {1, 3, 640, 640};
    assertThat(YoloV5Face.of(keras, List.of(s(-1, -1, 48), s(-1, -1, 48), s(-1, -1, 48))))
        .contains(new YoloV5Face(YoloV5Face.Heads.CHANNELS_LAST, false));
    assertThat(YoloV5Face.of(torch, List.of(s(3, 80, 80, 16), s(3, 40, 40, 16), s(3, 20, 20, 16))))
        .contains(new YoloV5Face(YoloV5Face.Heads.ANCHORS_FIRST, true));
    assertThat(YoloV5Face.of(torch, List.of(s(25200, 16))))
        .contains(new YoloV5Face(YoloV5Face.Heads.DECODED, true));
    assertThat(YoloV5Face.of(torch, List.of(s(25200, 85)))).isEmpty();
  }

  private static long[] s(long... sizes) {
    long[] shape = new long[sizes.length + 1];
    shape[0] = 1;
    System.arraycopy(sizes, 0, shape, 1, sizes.length);
    return shape;
  }

  /** Stride 16, column 2, row 1, second anchor (43 x 55 pixels). */
  @ParameterizedTest
  @EnumSource(YoloV5Face.Heads.class)
  void decodesYoloV5Face(YoloV5Face.Heads heads) {
    double[] numbers = new double[16];
    double object = 2;
    // centre (35, 20), size 30 x 40, points at (31 + 4 i, 15 + 5 i)
    double[] points = new double[10];
    for (int i = 0; i < 5; i++) {
      points[2 * i] = 31 + 4 * i;
      points[2 * i + 1] = 15 + 5 * i;
    }
    if (heads == YoloV5Face.Heads.DECODED) {
      numbers = new double[] {35, 20, 30, 40, 0.9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.8};
      System.arraycopy(points, 0, numbers, 5, 10);
    } else {
      numbers[0] = logit(((35 - 32) / 16.0 + 0.5) / 2);
      numbers[1] = logit(((20 - 16) / 16.0 + 0.5) / 2);
      numbers[2] = logit(Math.sqrt(30 / 43.0) / 2);
      numbers[3] = logit(Math.sqrt(40 / 55.0) / 2);
      numbers[4] = object;
      numbers[15] = 1;
      for (int i = 0; i < 5; i++) {
        numbers[5 + 2 * i] = (points[2 * i] - 32) / 43;
        numbers[6 + 2 * i] = (points[2 * i + 1] - 16) / 55;
      }
    }
    Map<String, OnnxNetwork.Values> outputs = new LinkedHashMap<>();
    int place = 1 * 4 + 2;
    if (heads == YoloV5Face.Heads.DECODED) {
      outputs.put("output", values(s(84, 16), 16 * 7, numbers));
    } else if (heads == YoloV5Face.Heads.CHANNELS_LAST) {
      outputs.put("a", values(s(8, 8, 48), 0));
      outputs.put("b", values(s(4, 4, 48), 16 * (3 * place + 1), numbers));
      outputs.put("c", values(s(2, 2, 48), 0));
    } else {
      // in another order: strides are told apart by their sizes
      outputs.put("c", values(s(3, 2, 2, 16), 0));
      outputs.put("b", values(s(3, 4, 4, 16), 16 * (16 + place), numbers));
      outputs.put("a", values(s(3, 8, 8, 16), 0));
    }
    // a score below zeros' own (σ(0) = 0.5, or its square)
    List<DetectedFace> faces = new YoloV5Face(heads, true).decode(outputs, CANVAS, 0.6);
    assertThat(faces).hasSize(1);
    DetectedFace face = faces.get(0);
    double expected =
        switch (heads) {
          case DECODED -> 0.72;
          case CHANNELS_LAST -> 1 / (1 + Math.exp(-2));
          case ANCHORS_FIRST -> 1 / (1 + Math.exp(-2)) / (1 + Math.exp(-1));
        };
    assertThat(face.score()).isCloseTo(expected, within(1e-6));
    isBox(face.box(), 20, 0, 50, 40);
    isFace(face, points);
  }

  /** Stride 8, column 3, row 2, second anchor. */
  @Test
  void decodesScrfd() {
    double[] points = {26, 15, 30, 15, 28, 18, 26, 21, 30, 21};
    double[] offsets = new double[10];
    for (int i = 0; i < 5; i++) {
      offsets[2 * i] = (points[2 * i] - 24) / 8;
      offsets[2 * i + 1] = (points[2 * i + 1] - 16) / 8;
    }
    int at = 2 * (2 * 8 + 3) + 1;
    Map<String, OnnxNetwork.Values> outputs = new LinkedHashMap<>();
    outputs.put("s8", values(s(128, 1), at, 0.75));
    outputs.put("s16", values(s(32, 1), 0));
    outputs.put("s32", values(s(8, 1), 0));
    outputs.put("b8", values(s(128, 4), 4 * at, 0.5, 1, 1.5, 2));
    outputs.put("b16", values(s(32, 4), 0));
    outputs.put("b32", values(s(8, 4), 0));
    outputs.put("k8", values(s(128, 10), 10 * at, offsets));
    outputs.put("k16", values(s(32, 10), 0));
    outputs.put("k32", values(s(8, 10), 0));
    List<DetectedFace> faces = new Scrfd(3, 2).decode(outputs, CANVAS, 0.5);
    assertThat(faces).hasSize(1);
    assertThat(faces.get(0).score()).isEqualTo(0.75);
    isBox(faces.get(0).box(), 20, 8, 36, 32);
    isFace(faces.get(0), points);
  }

  /** Stride 32, column 1, row 0. */
  @Test
  void decodesYuNet() {
    double[] points = {40, 10, 50, 10, 45, 16, 41, 22, 49, 22};
    double[] offsets = new double[10];
    for (int i = 0; i < 5; i++) {
      offsets[2 * i] = (points[2 * i] - 32) / 32;
      offsets[2 * i + 1] = points[2 * i + 1] / 32;
    }
    Map<String, OnnxNetwork.Values> outputs = new LinkedHashMap<>();
    for (int stride : new int[] {8, 16, 32}) {
      int places = SIDE / stride * SIDE / stride;
      boolean here = stride == 32;
      outputs.put("cls_" + stride, values(s(places, 1), here ? 1 : 0, here ? 0.9 : 0));
      outputs.put("obj_" + stride, values(s(places, 1), here ? 1 : 0, here ? 0.4 : 0));
      outputs.put(
          "bbox_" + stride,
          here
              ? values(s(places, 4), 4, 0.4, 0.5, Math.log(0.75), Math.log(0.9))
              : values(s(places, 4), 0));
      outputs.put(
          "kps_" + stride, here ? values(s(places, 10), 10, offsets) : values(s(places, 10), 0));
    }
    List<DetectedFace> faces = new YuNet().decode(outputs, CANVAS, 0.5);
    assertThat(faces).hasSize(1);
    assertThat(faces.get(0).score()).isCloseTo(0.6, within(1e-6));
    isBox(faces.get(0).box(), 32 + 12.8 - 12, 16 - 14.4, 32 + 12.8 + 12, 16 + 14.4);
    isFace(faces.get(0), points);
  }

  @Test
  void ofTwoBoxesOnOneFaceTheBetterStays() {
    DetectedFace weak = face(0, 0, 10, 10, 0.6);
    DetectedFace strong = face(1, 0, 11, 10, 0.9);
    DetectedFace apart = face(8, 0, 18, 10, 0.7);
    assertThat(NonMaximumSuppression.of(List.of(weak, strong, apart), 0.4))
        .containsExactly(strong, apart);
    // the overlap of weak and strong is 9 / 11
    assertThat(NonMaximumSuppression.of(List.of(weak, strong), 0.82)).containsExactly(strong, weak);
  }

  private static DetectedFace face(double l, double t, double r, double b, double score) {
    return new DetectedFace(new Box(l, t, r, b), score, FaceLandmarks.TEMPLATE);
  }

  private static void isBox(Box box, double l, double t, double r, double b) {
    assertThat(new double[] {box.left(), box.top(), box.right(), box.bottom()})
        .containsExactly(new double[] {l, t, r, b}, within(1e-4));
  }

  private static void isFace(DetectedFace face, double[] points) {
    double[] found =
        face.landmarks().points().stream()
            .flatMap(p -> IntStream.range(0, 2).mapToObj(i -> i == 0 ? p.x() : p.y()))
            .mapToDouble(Double::doubleValue)
            .toArray();
    assertThat(found).containsExactly(points, within(1e-4));
  }

  private static double logit(double p) {
    return Math.log(p / (1 - p));
  }

  private static OnnxNetwork.Values values(long[] shape, int offset, double... numbers) {
    float[] all = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < numbers.length; i++) {
      all[offset + i] = (float) numbers[i];
    }
    return new OnnxNetwork.Values(shape, all);
  }
}
