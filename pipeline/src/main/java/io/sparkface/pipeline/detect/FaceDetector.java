package io.sparkface.pipeline.detect;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import io.sparkface.pipeline.embed.ModelFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Finds faces with five landmarks: SCRFD, YuNet or YoloV5-face, recognised by the model's inputs
 * and outputs. Not for use by several threads at once.
 *
 * <p>A face that fills its photo is larger than any face these networks have seen. Where nothing is
 * found, the photo is therefore looked at once more with a black frame around it.
 */
public final class FaceDetector implements AutoCloseable {
  /** Sides of pictures for networks that take any size are multiples of the largest stride. */
  private static final int GRID = 32;

  /** A framed picture's side over that of the photo in it. */
  private static final double FRAMED = 1.5;

  private final OnnxNetwork network;
  private final DetectorFamily family;
  private final Detection detection;
  private final Optional<Size> fixed;

  private record Size(int width, int height) {}

  private FaceDetector(
      OnnxNetwork network, DetectorFamily family, Detection detection, Optional<Size> fixed) {
    this.network = network;
    this.family = family;
    this.detection = detection;
    this.fixed = fixed;
  }

  /**
   * @param model path of an {@code .onnx} file
   * @param threads that compute one operator, or {@link OnnxNetwork#ALL_CORES}
   * @throws UserError when it is no detector of these families, or has no landmarks
   */
  public static FaceDetector open(
      String model, Detection detection, int threads, Configuration hadoop) {
    OnnxNetwork network = OnnxNetwork.open(ModelFile.read(model, hadoop), model, threads);
    try {
      long[] input = network.inputShape();
      DetectorFamily family = family(model, input, network.outputShapes());
      return new FaceDetector(network, family, detection, fixedSize(model, input, detection));
    } catch (UserError e) {
      network.close();
      throw e;
    }
  }

  private static DetectorFamily family(String model, long[] input, Map<String, long[]> outputs) {
    if (input.length == 4) {
      Optional<DetectorFamily> found =
          YuNet.of(outputs)
              .or(() -> Scrfd.of(outputs.values()))
              .or(() -> YoloV5Face.of(input, outputs.values()));
      if (found.isPresent()) {
        return found.get();
      }
    }
    boolean boxesAlone =
        outputs.size() % 2 == 0
            && Outputs.ending(outputs.values(), 1) == outputs.size() / 2
            && Outputs.ending(outputs.values(), 4) == outputs.size() / 2;
    List<String> shapes = new ArrayList<>();
    outputs.forEach((name, shape) -> shapes.add(name + " " + Arrays.toString(shape)));
    throw new UserError(
        boxesAlone
            ? "the detector gives boxes without landmarks, which alignment needs"
            : "not a face detector that is known here: its outputs are "
                + String.join(", ", shapes),
        model,
        "name a SCRFD (with key points, 'kps' or 'bnkps'), YuNet or YoloV5-face model");
  }

  private static Optional<Size> fixedSize(String model, long[] input, Detection detection) {
    boolean first = input[1] == 3;
    long height = input[first ? 2 : 1];
    long width = input[first ? 3 : 2];
    if (height <= 0 || width <= 0) {
      return Optional.empty();
    }
    if (detection.ownSide().isPresent() && detection.side() != Math.max(height, width)) {
      throw new UserError(
          "the detector takes pictures of "
              + width
              + "x"
              + height
              + " only, not of "
              + detection.side(),
          model,
          "leave the size out, or export the model with an open size");
    }
    return Optional.of(new Size(Math.toIntExact(width), Math.toIntExact(height)));
  }

  /** What the detector is, in words. */
  public String family() {
    return family.getClass().getSimpleName();
  }

  /** The photo's faces, the best score first. */
  public List<DetectedFace> detect(RgbImage photo) {
    Size size = fixed.orElseGet(this::square);
    if (size != null) {
      double fit =
          Math.min((double) size.width() / photo.width(), (double) size.height() / photo.height());
      List<DetectedFace> faces = on(Canvas.cornered(photo, fit, size.width(), size.height()));
      return faces.isEmpty()
          ? on(Canvas.framed(photo, fit / FRAMED, size.width(), size.height()))
          : faces;
    }
    int side = detection.ownSide().orElse(family.canvas().side());
    double scale = Math.min(1, (double) side / Math.max(photo.width(), photo.height()));
    double width = photo.width() * scale;
    double height = photo.height() * scale;
    List<DetectedFace> faces = on(Canvas.cornered(photo, scale, onGrid(width), onGrid(height)));
    return faces.isEmpty()
        ? on(Canvas.framed(photo, scale, onGrid(width * FRAMED), onGrid(height * FRAMED)))
        : faces;
  }

  /** The square that a network of any size gets, or null where photos keep their shape. */
  private Size square() {
    if (family.canvas() != DetectorFamily.CanvasRule.SQUARE) {
      return null;
    }
    int side = onGrid(detection.ownSide().orElse(family.canvas().side()));
    return new Size(side, side);
  }

  private static int onGrid(double pixels) {
    return ((int) Math.ceil(pixels - 1e-6) + GRID - 1) / GRID * GRID;
  }

  private List<DetectedFace> on(Canvas canvas) {
    List<DetectedFace> candidates =
        family.decode(
            network.all(family.input(canvas.picture())),
            canvas.picture(),
            detection.ownLeastScore().orElse(family.leastScore()));
    return NonMaximumSuppression.of(
            candidates, detection.ownMostOverlap().orElse(family.mostOverlap()))
        .stream()
        .filter(FaceDetector::isFinite)
        .map(canvas::inPhoto)
        .toList();
  }

  private static boolean isFinite(DetectedFace face) {
    Box box = face.box();
    return Double.isFinite(box.left() + box.top() + box.right() + box.bottom())
        && face.landmarks().points().stream().allMatch(p -> Double.isFinite(p.x() + p.y()));
  }

  @Override
  public void close() {
    network.close();
  }
}
