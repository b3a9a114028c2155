package io.sparkface.pipeline.detect;

/** A rectangle around a face, in pixels from the photo's top left corner. */
public record Box(double left, double top, double right, double bottom) {
  public double width() {
    return right - left;
  }

  public double height() {
    return bottom - top;
  }

  /** Pixels of the shorter side: what is meant by a face's size. */
  public double size() {
    return Math.min(width(), height());
  }

  public double area() {
    return Math.max(0, width()) * Math.max(0, height());
  }

  /** Intersection over union, 0 to 1. */
  public double overlap(Box other) {
    Box both =
        new Box(
            Math.max(left, other.left),
            Math.max(top, other.top),
            Math.min(right, other.right),
            Math.min(bottom, other.bottom));
    double shared = both.width() <= 0 || both.height() <= 0 ? 0 : both.area();
    double union = area() + other.area() - shared;
    return union <= 0 ? 0 : shared / union;
  }
}
