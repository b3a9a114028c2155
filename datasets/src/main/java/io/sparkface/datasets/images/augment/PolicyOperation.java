package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/** An operation of RandAugment and AutoAugment, on 8-bit values (spec 2.6). */
public sealed interface PolicyOperation
    permits AutoContrast,
        Blend,
        Cutout,
        Equalize,
        Geometric,
        Identity,
        Invert,
        Posterize,
        Solarize,
        SolarizeAdd {
  RgbImage apply(RgbImage image, RandomGenerator random);

  /**
   * The operation of a name at a level.
   *
   * @param name as in the papers: AutoContrast, Equalize, Invert, Rotate, Posterize, Solarize,
   *     Color, Contrast, Brightness, Sharpness, ShearX, ShearY, TranslateX, TranslateY, Cutout,
   *     SolarizeAdd
   * @param level 0 to 10, more for RandAugment
   * @param scale what Cutout and the translations reach at level 10
   */
  static PolicyOperation named(String name, double level, Scale scale) {
    double share = level / 10;
    double factor = share * 1.8 + 0.1;
    return switch (name) {
      case "AutoContrast" -> new AutoContrast();
      case "Equalize" -> new Equalize();
      case "Invert" -> new Invert();
      case "Identity" -> new Identity();
      case "Rotate" -> new Geometric(Geometric.Kind.ROTATE, share * 30);
      case "Posterize" -> new Posterize((int) (share * 4));
      case "Solarize" -> new Solarize((int) (share * 256));
      case "SolarizeAdd" -> new SolarizeAdd((int) (share * 110));
      case "Color" -> new Blend(Blend.With.GREY, factor);
      case "Contrast" -> new Blend(Blend.With.CONSTANT, factor);
      case "Brightness" -> new Blend(Blend.With.BLACK, factor);
      case "Sharpness" -> new Blend(Blend.With.SMOOTH, factor);
      case "ShearX" -> new Geometric(Geometric.Kind.SHEAR_X, share * 0.3);
      case "ShearY" -> new Geometric(Geometric.Kind.SHEAR_Y, share * 0.3);
      case "TranslateX" -> new Geometric(Geometric.Kind.TRANSLATE_X, share * scale.translate());
      case "TranslateY" -> new Geometric(Geometric.Kind.TRANSLATE_Y, share * scale.translate());
      case "Cutout" -> new Cutout((int) (share * scale.cutout()));
      default -> throw new IllegalArgumentException("no operation is called " + name);
    };
  }

  /**
   * Reach of the operations that go by pixels.
   *
   * @param cutout half the side of the square at level 10
   * @param translate pixels at level 10
   */
  record Scale(double cutout, double translate) {
    /** RandAugment's. */
    public static final Scale RAND = new Scale(40, 100);

    /** AutoAugment's. */
    public static final Scale AUTO = new Scale(100, 250);
  }
}
