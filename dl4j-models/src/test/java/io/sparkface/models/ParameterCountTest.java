package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.function.ToLongFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the original's counts, running statistics included (spec sections 3.2 to 3.5). */
class ParameterCountTest {
  @ParameterizedTest
  @CsvSource({
    "mobilefacenet, 7, 128, 865536, 848256",
    "mobilenet, 3, 1024, 3228864, 3206976",
    "r18, 7, 512, 11188672, 11176000",
    "r34, 7, 512, 21311680, 21287872",
    "r50, 7, 512, 30773440, 30737344",
    "r100, 7, 512, 52364992, 52297408",
    "r101, 7, 512, 41417920, 41368000"
  })
  void backbonesMatch(String name, int map, int channels, long total, long trainable) {
    int size = 64;
    GraphBuilder graph = graph(NetworkSpec.of(name, "F", size));
    long head = (long) map * map * channels * size;
    assertThat(count(graph, BlockLayerTotals::all) - head - 4 * size).isEqualTo(total);
    assertThat(count(graph, BlockLayerTotals::trainable) - head - 2 * size).isEqualTo(trainable);
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
    assertThat(count(graph(NetworkSpec.of(name, head, size)), BlockLayerTotals::all))
        .isEqualTo(total);
  }

  private static GraphBuilder graph(NetworkSpec spec) {
    GraphBuilder graph = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("images");
    Networks.addTo(graph, spec, "images");
    return graph;
  }

  private static long count(GraphBuilder graph, ToLongFunction<BlockLayer> numbers) {
    return graph.getVertices().values().stream()
        .filter(LayerVertex.class::isInstance)
        .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer())
        .filter(BlockLayer.class::isInstance)
        .map(BlockLayer.class::cast)
        .mapToLong(numbers)
        .sum();
  }

  private static final class BlockLayerTotals {
    static long all(BlockLayer layer) {
      return layer.block().length();
    }

    static long trainable(BlockLayer layer) {
      return layer.block().length() - layer.block().length(Part.STATISTICS);
    }
  }
}
