package io.sparkface.models.interop.onnx;

/** Where an exported network's pixels are brought to the range it was trained on. */
public enum PixelInput {
  /** By the caller: the input is (x - 127.5) / 128. */
  NORMALISED,
  /** By the network: the input is x, 0 to 255. */
  RAW
}
