package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.models.BackboneOptions.Shortcut;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.layers.BlockLayer;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the original's counts, running statistics included (spec sections 3.2 to 3.5). */
class ParameterCountTest {
  @ParameterizedTest
  @CsvSource({
    "mobilefacenet, 7, 128, 865536, 848256",
    "se_mobilefacenet, 7, 128, 890376, 873096",
    "mobilenet, 3, 1024, 3228864, 3206976",
    "mobilenet_m1, 7, 1024, 3228864, 3206976",
    "mobilenetv2, 4, 1280, 2257984, 2223872",
    "mobilenetv3_small, 4, 576, 939120, 927008",
    "mobilenetv3_large, 4, 960, 2996352, 2971952",
    "ghostnet, 4, 664, 3701016, 3674816",
    "vargface, 1, 1024, 3022560, 2989984",
    "r18, 7, 512, 11188672, 11176000",
    "r34, 7, 512, 21311680, 21287872",
    "r50, 7, 512, 30773440, 30737344",
    "r100, 7, 512, 52364992, 52297408",
    "r101, 7, 512, 41417920, 41368000",
    "iresnet18, 7, 512, 11190656, 11177984",
    "iresnet34, 7, 512, 21315520, 21291712",
    "iresnet50, 7, 512, 30779328, 30743232",
    "iresnet100, 7, 512, 52376128, 52308544",
    "resnet50, 4, 2048, 23587712, 23534592",
    "resnet101, 4, 2048, 42658176, 42552832",
    "resnet152, 4, 2048, 58370944, 58219520",
    "resnet50v2, 4, 2048, 23564800, 23519360",
    "resnet101v2, 4, 2048, 42626560, 42528896",
    "resnet152v2, 4, 2048, 58331648, 58187904",
    "botnet50, 4, 2048, 18849472, 18796352",
    "vit_t, 1, 256, 19005952, 19005440",
    "vit_s, 1, 512, 75760640, 75759616",
    "vit_b, 1, 512, 113570816, 113569792",
    "iresnet200, 7, 512, 106120320, 105986304",
    "se_r18, 7, 512, 11275712, 11263040",
    "se_r34, 7, 512, 21468864, 21445056",
    "se_r50, 7, 512, 30996160, 30960064",
    "se_r100, 7, 512, 52737216, 52669632",
    "se_r101, 7, 512, 41714368, 41664448",
    "se_resnext50, 4, 2048, 25563072, 25494848",
    "se_resnext101, 4, 2048, 47009728, 46871872",
    "inceptionv3, 2, 2048, 21802784, 21768352",
    "inceptionresnetv2, 2, 1536, 54336736, 54276192",
    "nasnetmobile, 4, 1056, 4269716, 4232978",
    "xception, 4, 2048, 20861480, 20806952",
    "efficientnetb0, 4, 1280, 4049564, 4007548",
    "efficientnetb1, 4, 1280, 6575232, 6513184",
    "efficientnetb2, 4, 1408, 7768562, 7700994",
    "efficientnetb3, 4, 1536, 10783528, 10696232",
    "efficientnetb4, 4, 1792, 17673816, 17548616",
    "efficientnetb5, 4, 2048, 28513520, 28340784",
    "efficientnetb6, 4, 2304, 40960136, 40735704",
    "efficientnetb7, 4, 2560, 64097680, 63786960",
    "efficientnetl2, 4, 5504, 475894996, 474804308",
    "efficientnetv2b0, 4, 1280, 5919312, 5858704",
    "efficientnetv2b1, 4, 1280, 6931124, 6860052",
    "efficientnetv2b2, 4, 1408, 8769374, 8687086",
    "efficientnetv2b3, 4, 1536, 12930622, 12821406",
    "efficientnetv2t, 4, 1024, 12743412, 12624388",
    "efficientnetv2s, 4, 1280, 20331360, 20177488",
    "efficientnetv2m, 4, 1280, 53150388, 52858356",
    "efficientnetv2l, 4, 1280, 117746848, 117234272",
    "efficientnetv2xl, 4, 1280, 207615832, 206838808",
    "densenet121, 3, 1024, 7037504, 6953856",
    "densenet169, 3, 1664, 12642880, 12484480",
    "densenet201, 3, 1920, 18321984, 18092928",
    "vgg16, 3, 512, 14714688, 14714688",
    "vgg19, 3, 512, 20024384, 20024384"
  })
  void backbonesMatch(String name, int map, int channels, long total, long trainable) {
    NetworkFacts facts = NetworkFacts.of(NetworkSpec.of(name, "F", 64));
    assertThat(facts)
        .isEqualTo(
            new NetworkFacts(name, total, trainable, facts.flops(), List.of(map, map, channels)));
  }

  @ParameterizedTest
  @CsvSource({
    "r18, 1984, 11275712, 11184320",
    "r34, 3840, 21468864, 21307328",
    "r50, 5888, 30996160, 30769088",
    "r100, 11136, 52737216, 52360640",
    "r101, 8192, 41714368, 41413568"
  })
  void residualNetworksHaveVariants(String name, long prelu, long squeezed, long pooled) {
    long plain = total(name, BackboneOptions.USUAL);
    assertThat(total(name, BackboneOptions.USUAL.withActivation(Activation.PRELU)))
        .isEqualTo(plain + prelu);
    assertThat(total(name, BackboneOptions.USUAL.withActivation(Activation.SWISH)))
        .isEqualTo(plain);
    assertThat(total("se_" + name, BackboneOptions.USUAL)).isEqualTo(squeezed);
    assertThat(total(name, BackboneOptions.USUAL.withShortcut(Shortcut.MAX_POOL)))
        .isEqualTo(pooled);
  }

  private static long total(String name, BackboneOptions options) {
    return NetworkFacts.of(NetworkSpec.of(name, "F", 64).with(options)).parameters();
  }

  @Test
  void ghostNetMayKeepItsSizeInTheStem() {
    BackboneOptions options = BackboneOptions.USUAL.withStemStride(1);
    NetworkFacts facts = NetworkFacts.of(NetworkSpec.of("ghostnet", "F", 64).with(options));
    assertThat(facts.map()).containsExactly(7, 7, 664);
    assertThat(facts.parameters()).isEqualTo(3701016);
  }

  @ParameterizedTest
  @CsvSource({
    "mobilenet, GDC, 256, 3505344",
    "mobilenet, E, 512, 7953600",
    "r50, E, 512, 43622592",
    "r100, E, 512, 65214144",
    "r18, GDC, 512, 11480000"
  })
  void wholeNetworksMatch(String name, String head, int size, long total) {
    assertThat(count(NetworkSpec.of(name, head, size))).isEqualTo(total);
  }

  @Test
  void headsHaveVariants() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "E", 256);
    long plain = count(spec);
    assertThat(count(spec.with(new HeadOptions(0, Activation.RELU, true, true))) - plain)
        .isEqualTo(256);
    assertThat(plain - count(spec.with(new HeadOptions(0, Activation.RELU, false, false))))
        .isEqualTo(256);
    // C p + 4 p + p, then as if the map had p channels
    long head = 4 * 128 + 49L * 128 * 256;
    for (int filters : new int[] {512, HeadOptions.HALF}) {
      long p = filters == HeadOptions.HALF ? 64 : filters;
      assertThat(count(spec.with(new HeadOptions(filters, Activation.PRELU, false, true))) - plain)
          .isEqualTo(128 * p + 5 * p + 4 * p + 49 * p * 256 - head);
    }
  }

  private static long count(NetworkSpec spec) {
    GraphBuilder graph = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("images");
    Networks.addTo(graph, spec, "images");
    return graph.getVertices().values().stream()
        .filter(LayerVertex.class::isInstance)
        .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer())
        .filter(BlockLayer.class::isInstance)
        .mapToLong(layer -> ((BlockLayer) layer).block().length())
        .sum();
  }
}
