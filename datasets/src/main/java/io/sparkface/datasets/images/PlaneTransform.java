package io.sparkface.datasets.images;

import java.util.List;

/** An affine map of the plane: x' = a x + b y + c, y' = d x + e y + f. */
public record PlaneTransform(double a, double b, double c, double d, double e, double f) {

  /**
   * The rotation, uniform scale and shift that bring {@code from} nearest to {@code to} by least
   * squares; never a reflection. With points as complex numbers z and w and their means taken away,
   * this is w = s z with s = Σ conj(z) w / Σ |z|², which is Umeyama's solution in two dimensions
   * (Umeyama, 1991; spec 1.9).
   *
   * @throws IllegalArgumentException when all points of {@code from} are one
   */
  public static PlaneTransform similarity(List<Point> from, List<Point> to) {
    Point fromMean = mean(from);
    Point toMean = mean(to);
    double real = 0;
    double imaginary = 0;
    double spread = 0;
    for (int i = 0; i < from.size(); i++) {
      double x = from.get(i).x() - fromMean.x();
      double y = from.get(i).y() - fromMean.y();
      double u = to.get(i).x() - toMean.x();
      double v = to.get(i).y() - toMean.y();
      real += x * u + y * v;
      imaginary += x * v - y * u;
      spread += x * x + y * y;
    }
    if (!(spread > 1e-9)) {
      throw new IllegalArgumentException("the points are all in one place");
    }
    double s = real / spread;
    double t = imaginary / spread;
    return new PlaneTransform(
        s,
        -t,
        toMean.x() - s * fromMean.x() + t * fromMean.y(),
        t,
        s,
        toMean.y() - t * fromMean.x() - s * fromMean.y());
  }

  /**
   * The affine map that brings {@code from} nearest to {@code to} by least squares, six numbers
   * (spec 1.9).
   *
   * @throws IllegalArgumentException when the points of {@code from} are on one line
   */
  public static PlaneTransform affine(List<Point> from, List<Point> to) {
    Point fromMean = mean(from);
    Point toMean = mean(to);
    double xx = 0;
    double xy = 0;
    double yy = 0;
    double xu = 0;
    double yu = 0;
    double xv = 0;
    double yv = 0;
    for (int i = 0; i < from.size(); i++) {
      double x = from.get(i).x() - fromMean.x();
      double y = from.get(i).y() - fromMean.y();
      double u = to.get(i).x() - toMean.x();
      double v = to.get(i).y() - toMean.y();
      xx += x * x;
      xy += x * y;
      yy += y * y;
      xu += x * u;
      yu += y * u;
      xv += x * v;
      yv += y * v;
    }
    double determinant = xx * yy - xy * xy;
    if (!(determinant > 1e-9 * (xx + yy) * (xx + yy))) {
      throw new IllegalArgumentException("the points are on one line");
    }
    double a = (xu * yy - yu * xy) / determinant;
    double b = (yu * xx - xu * xy) / determinant;
    double d = (xv * yy - yv * xy) / determinant;
    double e = (yv * xx - xv * xy) / determinant;
    return new PlaneTransform(
        a,
        b,
        toMean.x() - a * fromMean.x() - b * fromMean.y(),
        d,
        e,
        toMean.y() - d * fromMean.x() - e * fromMean.y());
  }

  public Point apply(Point p) {
    return new Point(a * p.x() + b * p.y() + c, d * p.x() + e * p.y() + f);
  }

  /**
   * The map back.
   *
   * @throws IllegalArgumentException when this map flattens the plane
   */
  public PlaneTransform inverse() {
    double determinant = a * e - b * d;
    if (Math.abs(determinant) < 1e-12) {
      throw new IllegalArgumentException("the map cannot be inverted");
    }
    double ia = e / determinant;
    double ib = -b / determinant;
    double id = -d / determinant;
    double ie = a / determinant;
    return new PlaneTransform(ia, ib, -(ia * c + ib * f), id, ie, -(id * c + ie * f));
  }

  /**
   * The picture as this map moves it, sampled bilinearly; what lies outside the source is black.
   *
   * @param width columns of the result
   * @param height rows of the result
   */
  public RgbImage warp(RgbImage source, int width, int height) {
    PlaneTransform back = inverse();
    byte[] out = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sourceX = back.a * x + back.b * y + back.c;
        double sourceY = back.d * x + back.e * y + back.f;
        if (sourceX > -1 && sourceY > -1 && sourceX < source.width() && sourceY < source.height()) {
          sample(source, sourceX, sourceY, out, 3 * (y * width + x));
        }
      }
    }
    return new RgbImage(width, height, out);
  }

  private static void sample(RgbImage source, double x, double y, byte[] out, int offset) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double across = x - left;
    double down = y - top;
    for (int c = 0; c < 3; c++) {
      double upper =
          value(source, left, top, c) * (1 - across) + value(source, left + 1, top, c) * across;
      double lower =
          value(source, left, top + 1, c) * (1 - across)
              + value(source, left + 1, top + 1, c) * across;
      out[offset + c] = (byte) Math.round(upper * (1 - down) + lower * down);
    }
  }

  private static int value(RgbImage source, int x, int y, int channel) {
    if (x < 0 || y < 0 || x >= source.width() || y >= source.height()) {
      return 0;
    }
    return source.rgb()[3 * (y * source.width() + x) + channel] & 255;
  }

  private static Point mean(List<Point> points) {
    return new Point(
        points.stream().mapToDouble(Point::x).average().orElseThrow(),
        points.stream().mapToDouble(Point::y).average().orElseThrow());
  }
}
