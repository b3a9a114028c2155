package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.RgbImage;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A few operations, each drawn uniformly, all at one level (Cubuk et al., 2020; spec 2.4). The
 * picture is clipped and truncated to 8 bits before.
 *
 * @param layers operations applied
 * @param operations to draw from
 */
public record RandAugment(int layers, List<PolicyOperation> operations) implements Augmentation {
  /** Those the original trains with, and the picture as it is. */
  private static final List<String> TRAINED_WITH =
      List.of(
          "AutoContrast",
          "Equalize",
          "Color",
          "Contrast",
          "Brightness",
          "Sharpness",
          "Cutout",
          "Identity");

  /** All of the paper's implementation. */
  private static final List<String> ALL =
      List.of(
          "AutoContrast",
          "Equalize",
          "Invert",
          "Rotate",
          "Posterize",
          "Solarize",
          "Color",
          "Contrast",
          "Brightness",
          "Sharpness",
          "ShearX",
          "ShearY",
          "TranslateX",
          "TranslateY",
          "Cutout",
          "SolarizeAdd");

  public RandAugment {
    operations = List.copyOf(operations);
  }

  /** As trained with at a status of 100 or more: two layers of magnitude 5 * status / 100. */
  static RandAugment ofStatus(int status) {
    return of(TRAINED_WITH, 2, 5.0 * status / 100);
  }

  /** All sixteen operations. */
  public static RandAugment ofAll(int layers, double magnitude) {
    return of(ALL, layers, magnitude);
  }

  private static RandAugment of(List<String> names, int layers, double magnitude) {
    return new RandAugment(
        layers,
        names.stream()
            .map(name -> PolicyOperation.named(name, magnitude, PolicyOperation.Scale.RAND))
            .toList());
  }

  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    RgbImage changed = image.toBytes();
    for (int layer = 0; layer < layers; layer++) {
      changed = operations.get(random.nextInt(operations.size())).apply(changed, random);
    }
    return FloatImage.of(changed);
  }
}
