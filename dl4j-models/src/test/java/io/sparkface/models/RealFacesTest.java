package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Every family trains 20 steps on a few people of LFW, without NaN, and its loss falls. */
class RealFacesTest {
  private static final int STEPS = 20;
  private static final int EACH = 2;

  /** In every build, on pictures of half the size. */
  private static final List<String> LIGHT =
      List.of("mobilenetv2", "mobilenetv3_small", "se_mobilefacenet", "vit_t");

  /** One of each family, at full size. */
  private static final List<String> FAMILIES =
      List.of(
          "mobilenet",
          "mobilenet_m1",
          "mobilenetv2",
          "mobilenetv3_small",
          "mobilenetv3_large",
          "mobilefacenet",
          "se_mobilefacenet",
          "ghostnet",
          "vargface",
          "r18",
          "se_r18",
          "iresnet18",
          "resnet50",
          "resnet50v2",
          "se_resnext50",
          "densenet121",
          "vgg16",
          "inceptionv3",
          "inceptionresnetv2",
          "xception",
          "nasnetmobile",
          "efficientnetb0",
          "efficientnetv2b0",
          "botnet50",
          "vit_t");

  static List<String> light() {
    return LIGHT;
  }

  static List<String> families() {
    return FAMILIES;
  }

  @ParameterizedTest
  @MethodSource("light")
  void lightFamiliesLearn(String backbone) throws IOException {
    learns(backbone, 56);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("families")
  void allFamiliesLearn(String backbone) throws IOException {
    learns(backbone, 112);
  }

  private static void learns(String backbone, int size) throws IOException {
    DataSet faces = faces(size);
    BackboneOptions options = BackboneOptions.USUAL;
    if (Set.of("efficientnetb0", "vit_t").contains(backbone)) {
      // the loss of one step is then comparable with another's
      options = options.withDropConnect(0);
    }
    NetworkSpec spec = NetworkSpec.of(backbone, "GDC", 64).withInput(size, size).with(options);
    ComputationGraph net = NetworksTest.classifier(spec);
    net.setLearningRate(0.01);
    double first = 0;
    double last = 0;
    for (int step = 0; step < STEPS; step++) {
      net.fit(faces);
      assertThat(net.score()).as("loss of step %d", step).isFinite();
      first += step < 3 ? net.score() / 3 : 0;
      last += step >= STEPS - 3 ? net.score() / 3 : 0;
    }
    assertThat(last).isLessThan(first);
    assertThat(net.params().isNaN().any()).isFalse();
    INDArray embedding =
        net.output(List.of("embedding"), false, new INDArray[] {faces.getFeatures()}, null)[0];
    assertThat(embedding.isNaN().any()).isFalse();
  }

  /** Two pictures of each of {@link NetworksTest#CLASSES} people. */
  private static DataSet faces(int size) throws IOException {
    Path root =
        Path.of(System.getProperty("sparkface.root", ".."))
            .resolve("../shared/fixtures/faces/lfw_128");
    assumeTrue(Files.isDirectory(root), "no pictures of faces at " + root);
    int batch = EACH * NetworksTest.CLASSES;
    INDArray images = Nd4j.create(DataType.FLOAT, batch, size, size, 3);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, NetworksTest.CLASSES);
    int row = 0;
    for (Path person : first(root, NetworksTest.CLASSES)) {
      for (Path picture : first(person, EACH)) {
        labels.putScalar(row, row / EACH, 1);
        images.slice(row++).assign(pixels(ImageIO.read(picture.toFile()), size));
      }
    }
    return new DataSet(images, labels);
  }

  private static List<Path> first(Path folder, int count) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().limit(count).toList();
    }
  }

  /** Every so many pixels of a row and column, in RGB, brought to -1 to 1. */
  private static INDArray pixels(BufferedImage picture, int size) {
    float[] values = new float[size * size * 3];
    for (int i = 0; i < size * size; i++) {
      int x = i % size * picture.getWidth() / size;
      int y = i / size * picture.getHeight() / size;
      int rgb = picture.getRGB(x, y);
      for (int c = 0; c < 3; c++) {
        values[3 * i + c] = ((rgb >> (16 - 8 * c) & 255) - 127.5f) / 128;
      }
    }
    return Nd4j.createFromArray(values).reshape('c', size, size, 3);
  }
}
