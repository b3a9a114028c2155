package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.List;
import java.util.Map;

/** What differs between the published detectors: pixels in, and what the outputs mean. */
sealed interface DetectorFamily permits Scrfd, YuNet, YoloV5Face {
  /** The picture as the network takes it. */
  OnnxNetwork.Values input(RgbImage canvas);

  /**
   * Faces before suppression, in the canvas' pixels.
   *
   * @param outputs in the model's order
   */
  List<DetectedFace> decode(
      Map<String, OnnxNetwork.Values> outputs, RgbImage canvas, double leastScore);

  /** Score a face must exceed where the user names none. */
  double leastScore();

  /** Overlap above which one of two boxes goes. */
  double mostOverlap();

  /** Sizes of pictures the network was made for. */
  CanvasRule canvas();

  /** How a photo is brought to a network that takes any size. */
  enum CanvasRule {
    /** Scaled up or down to a square of this side. */
    SQUARE(640),
    /** As it is; scaled down where a side is longer than this. */
    NATIVE(2048);

    private final int side;

    CanvasRule(int side) {
      this.side = side;
    }

    /** Pixels of the longer side where the user names no size. */
    int side() {
      return side;
    }
  }
}
