package io.sparkface.datasets.images.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.RgbImage;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
  private static FloatImage noise(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = new byte[3 * size * size];
    random.nextBytes(bytes);
    return FloatImage.of(new RgbImage(size, size, bytes));
  }

  /** Gives one double for ever. */
  private static RandomGenerator always(double value) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        return (long) (value * 0x1p53) << 11;
      }
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 2, 3, 100, 200})
  void aPictureIsAFunctionOfTheSeed(int status) {
    Augmentation augmentation = Augmentation.ofStatus(status, 0.5);
    FloatImage image = noise(112, 1);
    int differ = 0;
    for (int seed = 0; seed < 20; seed++) {
      FloatImage once = augmentation.apply(image, new SplittableRandom(seed));
      FloatImage again = augmentation.apply(image, new SplittableRandom(seed));
      assertThat(once.rgb()).isEqualTo(again.rgb());
      assertThat(once.width()).isEqualTo(112);
      for (float value : once.rgb()) {
        assertThat(value >= 0 && value <= 255).isTrue();
      }
      differ += java.util.Arrays.equals(once.rgb(), image.rgb()) ? 0 : 1;
    }
    assertThat(differ).isGreaterThan(0);
  }

  @Test
  void statusesBetweenAreRefused() {
    assertThatThrownBy(() -> Augmentation.ofStatus(50, 0))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("data.random-status");
    assertThat(Augmentation.ofStatus(-1, 0).apply(noise(8, 1), new SplittableRandom(1)).rgb())
        .isEqualTo(noise(8, 1).rgb());
  }

  @Test
  void atStatus100FourOperationsChangeNothing() {
    RgbImage image = noise(112, 2).toBytes();
    for (String name : new String[] {"Color", "Contrast", "Brightness", "Sharpness"}) {
      PolicyOperation at5 = PolicyOperation.named(name, 5, PolicyOperation.Scale.RAND);
      PolicyOperation at10 = PolicyOperation.named(name, 10, PolicyOperation.Scale.RAND);
      assertThat(at5.apply(image, always(0)).rgb()).as(name).isEqualTo(image.rgb());
      assertThat(at10.apply(image, always(0)).rgb()).as(name).isNotEqualTo(image.rgb());
    }
    assertThat(((Cutout) PolicyOperation.named("Cutout", 5, PolicyOperation.Scale.RAND)).pad())
        .isEqualTo(20);
    assertThat(RandAugment.ofStatus(100).operations()).hasSize(8);
    assertThat(RandAugment.ofAll(2, 10).operations()).hasSize(16);
  }

  @Test
  void brightnessContrastAndSaturationAreAsDefined() {
    FloatImage pixels = new FloatImage(2, 1, new float[] {10, 20, 30, 50, 100, 200});
    assertThat(new RandomBrightness(12.75).apply(pixels, always(0)).rgb())
        .containsExactly(-2.75f, 7.25f, 17.25f, 37.25f, 87.25f, 187.25f);
    assertThat(RandomContrast.changed(pixels, 0.5).rgb())
        .containsExactly(20, 40, 72.5f, 40, 80, 157.5f);
    // S = 20/30; halved, the least is 30 * (1 - 1/3) = 20
    float[] half = RandomSaturation.changed(pixels, 0.5).rgb();
    assertThat(half[0]).isCloseTo(20, within(1e-4f));
    assertThat(half[1]).isCloseTo(25, within(1e-4f));
    assertThat(half[2]).isCloseTo(30, within(1e-4f));
    // S = 150/200; twice of it is clipped to 1
    assertThat(RandomSaturation.changed(pixels, 2).rgb()[3]).isCloseTo(0, within(1e-4f));
  }

  @Test
  void theContrastOfPoliciesTurnsOnPixelsOver256() {
    RgbImage image = noise(112, 3).toBytes();
    RgbImage grey = new Blend(Blend.With.CONSTANT, 0).apply(image, always(0));
    assertThat(grey.rgb()).containsOnly(49);
  }

  @Test
  void aMaskHidesTheLowerPart() {
    FloatImage image = noise(112, 4);
    int least = 112;
    int most = 0;
    for (int seed = 0; seed < 300; seed++) {
      float[] masked = new MaskCutout(1).apply(image, new SplittableRandom(seed)).rgb();
      int rows = 112;
      while (rows > 0 && masked[3 * 112 * (rows - 1)] == 128 && masked[3 * 112 * rows - 1] == 128) {
        rows--;
      }
      least = Math.min(least, rows);
      most = Math.max(most, rows);
    }
    assertThat(least).isEqualTo(61);
    assertThat(most).isEqualTo(77);
    assertThat(new MaskCutout(0).apply(image, new SplittableRandom(1))).isSameAs(image);
  }

  @Test
  void pointOperationsAreAsDefined() {
    RgbImage ramp = ramp();
    assertThat(value(new Invert().apply(ramp, always(0)), 10)).isEqualTo(245);
    assertThat(value(new Solarize(128).apply(ramp, always(0)), 127)).isEqualTo(127);
    assertThat(value(new Solarize(128).apply(ramp, always(0)), 128)).isEqualTo(127);
    assertThat(value(new SolarizeAdd(55).apply(ramp, always(0)), 100)).isEqualTo(155);
    assertThat(value(new SolarizeAdd(55).apply(ramp, always(0)), 128)).isEqualTo(128);
    assertThat(value(new Posterize(2).apply(ramp, always(0)), 255)).isEqualTo(192);
    assertThat(new AutoContrast().apply(ramp, always(0)).rgb()).isEqualTo(ramp.rgb());
    // 256 values once each: step (256 - 1) / 255 = 1, so each becomes the count below it
    assertThat(new Equalize().apply(ramp, always(0)).rgb()).isEqualTo(ramp.rgb());
  }

  @Test
  void autoContrastStretchesAndEqualizeSpreads() {
    byte[] bytes = new byte[3 * 512];
    for (int i = 0; i < 512; i++) {
      bytes[3 * i] = (byte) (100 + i % 51);
      bytes[3 * i + 1] = 7;
      bytes[3 * i + 2] = (byte) (i < 256 ? 0 : 200);
    }
    RgbImage image = new RgbImage(32, 16, bytes);
    RgbImage stretched = new AutoContrast().apply(image, always(0));
    assertThat(stretched.rgb()[0] & 255).isZero();
    assertThat(stretched.rgb()[3 * 50] & 255).isEqualTo(255);
    assertThat(stretched.rgb()[1]).isEqualTo((byte) 7);
    // step (512 - 256) / 255 = 1: 200 becomes 256 clipped
    RgbImage equal = new Equalize().apply(image, always(0));
    assertThat(equal.rgb()[2] & 255).isZero();
    assertThat(equal.rgb()[3 * 300 + 2] & 255).isEqualTo(255);
  }

  @Test
  void movementsMoveAndFillWithGrey() {
    RgbImage ramp = ramp();
    RgbImage right = new Geometric(Geometric.Kind.TRANSLATE_X, 3).moved(ramp, -3);
    assertThat(value(right, 0)).isEqualTo(128);
    assertThat(value(right, 5)).isEqualTo(2);
    RgbImage turned = new Geometric(Geometric.Kind.ROTATE, 180).moved(ramp, 180);
    assertThat(value(turned, 0)).isEqualTo(255);
    assertThat(new Geometric(Geometric.Kind.SHEAR_X, 0).moved(ramp, 0).rgb()).isEqualTo(ramp.rgb());
    assertThat(AutoAugment.v0().policies()).hasSize(25);
    assertThat(AutoAugment.simple().policies()).hasSize(13);
    assertThat(AutoAugment.v0().apply(noise(112, 5), new SplittableRandom(1)).width())
        .isEqualTo(112);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.4})
  void aboutAsManyImagesStayWholeInMixupAsInTheOriginal(double alpha) {
    SplittableRandom random = new SplittableRandom(1);
    int whole = 0;
    for (int i = 0; i < 40_000; i++) {
      double share = new Mixup(alpha).share(random);
      assertThat(share == 1 || (share >= 0.5 && share <= 0.9)).isTrue();
      whole += share == 1 ? 1 : 0;
    }
    assertThat(whole / 40_000.0).isCloseTo(alpha == 0.2 ? 0.671 : 0.479, within(0.01));
  }

  private static RgbImage ramp() {
    byte[] bytes = new byte[3 * 256];
    for (int i = 0; i < 256; i++) {
      bytes[3 * i] = (byte) i;
      bytes[3 * i + 1] = (byte) i;
      bytes[3 * i + 2] = (byte) i;
    }
    return new RgbImage(16, 16, bytes);
  }

  private static int value(RgbImage image, int pixel) {
    return image.rgb()[3 * pixel] & 255;
  }
}
