package io.sparkface.models.kernels;

import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A box inside {@code [batch, wholeHeight, wholeWidth, wholeChannels]}: all images, the rows from
 * {@code top}, columns from {@code left} and channels from {@code first}.
 */
public record Region(
    int batch,
    int wholeHeight,
    int wholeWidth,
    int wholeChannels,
    int top,
    int left,
    int first,
    int height,
    int width,
    int channels) {

  /** Everything. */
  public static Region all(int batch, int height, int width, int channels) {
    return new Region(batch, height, width, channels, 0, 0, 0, height, width, channels);
  }

  /** All rows and columns of {@code channels} channels from {@code first}. */
  public static Region channels(
      int batch, int height, int width, int whole, int first, int channels) {
    return new Region(batch, height, width, whole, 0, 0, first, height, width, channels);
  }

  INDArrayIndex[] indices() {
    return new INDArrayIndex[] {
      NDArrayIndex.all(),
      NDArrayIndex.interval(top, top + height),
      NDArrayIndex.interval(left, left + width),
      NDArrayIndex.interval(first, first + channels)
    };
  }
}
