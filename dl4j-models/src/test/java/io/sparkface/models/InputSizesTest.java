package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Networks for other pictures than 112x112, among them long ones and odd ones: height and width of
 * the map are keras.applications', for the other families those of their strides.
 */
class InputSizesTest {
  @ParameterizedTest
  @CsvSource({
    // 128x128, 160x160, 96x80, 225x113
    "mobilenet, 4x4, 5x5, 3x2, 7x3",
    "mobilenetv2, 4x4, 5x5, 3x3, 8x4",
    "mobilenetv3_small, 4x4, 5x5, 3x3, 8x4",
    "resnet50, 4x4, 5x5, 3x3, 8x4",
    "resnet50v2, 4x4, 5x5, 3x3, 8x4",
    "densenet121, 4x4, 5x5, 3x2, 7x3",
    "vgg16, 4x4, 5x5, 3x2, 7x3",
    "inceptionv3, 2x2, 3x3, 1x1, 5x2",
    "inceptionresnetv2, 2x2, 3x3, 1x1, 5x2",
    "xception, 4x4, 5x5, 3x3, 7x4",
    "mobilenet_m1, 8x8, 10x10, 6x5, 15x8",
    "mobilefacenet, 8x8, 10x10, 6x5, 15x8",
    "se_r18, 8x8, 10x10, 6x5, 15x8",
    "iresnet18, 8x8, 10x10, 6x5, 15x8",
    "ghostnet, 4x4, 5x5, 3x3, 8x4",
    "efficientnetb0, 4x4, 5x5, 3x3, 8x4",
    "efficientnetv2b0, 4x4, 5x5, 3x3, 8x4",
    "se_resnext50, 4x4, 5x5, 3x3, 8x4",
    "botnet50, 4x4, 5x5, 3x3, 8x4"
  })
  void mapsHaveTheSizeOfTheOriginals(
      String backbone, String square, String large, String wide, String odd) {
    Map.of("128x128", square, "160x160", large, "96x80", wide, "225x113", odd)
        .forEach(
            (input, map) ->
                assertThat(mapOf(backbone, input)).as("%s of %s", backbone, input).isEqualTo(map));
  }

  @Test
  void nasnetTakesSquarePicturesOnly() {
    assertThat(mapOf("nasnetmobile", "128x128")).isEqualTo("4x4");
    assertThat(mapOf("nasnetmobile", "160x160")).isEqualTo("5x5");
    assertThatThrownBy(() -> mapOf("nasnetmobile", "96x80"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("96x80");
  }

  private static String mapOf(String backbone, String input) {
    String[] sides = input.split("x");
    NetworkSpec spec =
        NetworkSpec.of(backbone, "GDC", 64)
            .withInput(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
    List<Integer> map = NetworkFacts.of(spec).map();
    return map.get(0) + "x" + map.get(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenetv3_small", "se_mobilefacenet", "ghostnet", "efficientnetv2b0"})
  void picturesThatAreNotSquareGetEmbeddings(String backbone) {
    var net = NetworksTest.classifier(NetworkSpec.of(backbone, "GDC", 32).withInput(96, 80));
    INDArray images = Nd4j.rand(DataType.FLOAT, 2, 96, 80, 3);
    INDArray embedding = net.output(List.of("embedding"), false, new INDArray[] {images}, null)[0];
    assertThat(embedding.shape()).containsExactly(2, 32);
    assertThat(embedding.isNaN().any()).isFalse();
  }
}
