package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One of several short programs, drawn uniformly, each of whose operations is applied with its own
 * probability (Cubuk et al., 2019; spec 2.6).
 *
 * @param policies the programs
 */
public record AutoAugment(List<List<Step>> policies) implements Augmentation {
  /** The ImageNet policy of the paper. */
  private static final String V0 =
      """
      Equalize .8 1, ShearY .8 4
      Color .4 9, Equalize .6 3
      Color .4 1, Rotate .6 8
      Solarize .8 3, Equalize .4 7
      Solarize .4 2, Solarize .6 2
      Color .2 0, Equalize .8 8
      Equalize .4 8, SolarizeAdd .8 3
      ShearX .2 9, Rotate .6 8
      Color .6 1, Equalize 1 2
      Invert .4 9, Rotate .6 0
      Equalize 1 9, ShearY .6 3
      Color .4 7, Equalize .6 0
      Posterize .4 6, AutoContrast .4 7
      Solarize .6 8, Color .6 9
      Solarize .2 4, Rotate .8 9
      Rotate 1 7, TranslateY .8 9
      ShearX 0 0, Solarize .8 4
      ShearY .8 0, Color .6 4
      Color 1 0, Rotate .6 2
      Equalize .8 4, Equalize 0 8
      Equalize 1 4, AutoContrast .6 2
      ShearY .4 7, SolarizeAdd .6 7
      Posterize .8 2, Solarize .6 10
      Solarize .6 8, Equalize .6 1
      Color .8 6, Rotate .4 5
      """;

  /** Those that move no pixel. */
  private static final String SIMPLE =
      """
      Color .4 9, Equalize .6 3
      Solarize .8 3, Equalize .4 7
      Solarize .4 2, Solarize .6 2
      Color .2 0, Equalize .8 8
      Equalize .4 8, SolarizeAdd .8 3
      Color .6 1, Equalize 1 2
      Color .4 7, Equalize .6 0
      Posterize .4 6, AutoContrast .4 7
      Solarize .6 8, Color .6 9
      Equalize .8 4, Equalize 0 8
      Equalize 1 4, AutoContrast .6 2
      Posterize .8 2, Solarize .6 10
      Solarize .6 8, Equalize .6 1
      """;

  /** An operation and how often it is applied. */
  public record Step(double probability, PolicyOperation operation) {}

  public AutoAugment {
    policies = policies.stream().map(List::copyOf).toList();
  }

  /** The ImageNet policy: 25 programs. */
  public static AutoAugment v0() {
    return parsed(V0);
  }

  /** 13 programs of colour alone. */
  public static AutoAugment simple() {
    return parsed(SIMPLE);
  }

  private static AutoAugment parsed(String table) {
    List<List<Step>> policies = new ArrayList<>();
    for (String line : table.lines().toList()) {
      List<Step> steps = new ArrayList<>();
      for (String step : line.split(", ")) {
        String[] words = step.split(" ");
        steps.add(
            new Step(
                Double.parseDouble(words[1]),
                PolicyOperation.named(
                    words[0], Double.parseDouble(words[2]), PolicyOperation.Scale.AUTO)));
      }
      policies.add(steps);
    }
    return new AutoAugment(policies);
  }

  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    RgbImage changed = image.toBytes();
    for (Step step : policies.get(random.nextInt(policies.size()))) {
      if (random.nextDouble() < step.probability()) {
        changed = step.operation().apply(changed, random);
      }
    }
    return FloatImage.of(changed);
  }
}
