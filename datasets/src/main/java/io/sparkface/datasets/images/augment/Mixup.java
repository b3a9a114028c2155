package io.sparkface.datasets.images.augment;

import java.util.random.RandomGenerator;

/**
 * How much of its own an image keeps when it is mixed with another (Zhang et al., 2018; spec 2.7):
 * w = max(b, 1 - b) with b ~ Beta(alpha, alpha); above 0.9 it is not mixed, w = 1.
 *
 * @param alpha in (0, 1]; at 0.4 about 48% of the images stay as they are, at 0.2 about 67%
 */
public record Mixup(double alpha) {
  private static final double KEPT_WHOLE = 0.9;

  /** The share of one image. */
  public double share(RandomGenerator random) {
    double a = gamma(random);
    double b = gamma(random);
    double share = a + b > 0 ? Math.max(a, b) / (a + b) : 1;
    return share > KEPT_WHOLE ? 1 : share;
  }

  /** Marsaglia and Tsang (2000) for alpha + 1, brought down to alpha. */
  private double gamma(RandomGenerator random) {
    double d = alpha + 1 - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return d * v * Math.pow(1 - random.nextDouble(), 1 / alpha);
      }
    }
  }
}
