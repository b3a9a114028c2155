package io.sparkface.models.kernels;

/**
 * Multi-head self-attention between the places of images {@code [batch, height, width, 3 * heads *
 * size]}, whose channels are the queries of all heads, then their keys, then their values.
 *
 * @param size numbers of a query, a key and a value
 * @param places what is known about where a query and a key are
 */
public record AttentionShape(int batch, int height, int width, int heads, int size, Places places) {
  /** Whether distances between places count. */
  public enum Places {
    NONE,
    /**
     * A learnt vector per vertical and per horizontal distance, added to the key: {@code [2 height
     * - 1 + 2 width - 1, size]}, each from the most negative distance (key above, or left of, the
     * query) to the largest (Srinivas et al. 2021, arXiv:2101.11605).
     */
    RELATIVE
  }

  /** Places of an image. */
  public int length() {
    return height * width;
  }

  /** What scores are multiplied with: 1 / sqrt(size). */
  public double scale() {
    return 1 / Math.sqrt(size);
  }

  /** Rows of the learnt vectors. */
  public int distances() {
    return 2 * height - 1 + 2 * width - 1;
  }
}
