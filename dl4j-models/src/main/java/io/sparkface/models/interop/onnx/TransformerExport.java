package io.sparkface.models.interop.onnx;

import io.sparkface.models.kernels.AttentionShape;
import io.sparkface.models.layers.LayerNorm;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.models.layers.PositionEmbedding;
import io.sparkface.models.layers.SelfAttention;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What transformers are made of, over NCHW values. */
final class TransformerExport {
  private TransformerExport() {}

  /** LayerNormalization over channels, which must be the last axis for it. */
  static void layerNorm(LayerNorm layer, LayerSite site) {
    OnnxGraph graph = site.graph();
    INDArray scaleShift = site.part(layer.block(), Part.SCALE_SHIFT);
    String name = site.name();
    long channels = scaleShift.size(1);
    String last =
        graph.add(
            "Transpose", name + "_nhwc", site.input(), Attributes.numbers("perm", 0, 2, 3, 1));
    String normal =
        graph.add(
            "LayerNormalization",
            name + "_normal",
            List.of(
                last,
                graph.weights(name + "_gamma", LayerSite.values(scaleShift.getRow(0)), channels),
                graph.weights(name + "_beta", LayerSite.values(scaleShift.getRow(1)), channels)),
            Attributes.number("axis", -1),
            Attributes.real("epsilon", layer.epsilon()));
    graph.add("Transpose", name, normal, Attributes.numbers("perm", 0, 3, 1, 2));
  }

  static void positions(PositionEmbedding layer, LayerSite site) {
    INDArray places = site.part(layer.block(), Part.POSITIONS);
    String vectors =
        site.graph()
            .weights(
                site.name() + "_vectors",
                LayerSite.values(places.permute(2, 0, 1)),
                1,
                places.size(2),
                places.size(0),
                places.size(1));
    site.graph().add("Add", site.name(), List.of(site.input(), vectors));
  }

  /** Softmax of scores between all places, one matrix for each image and head. */
  static void attention(SelfAttention layer, LayerSite site) {
    AttentionShape shape = layer.shape(1);
    OnnxGraph graph = site.graph();
    String name = site.name();
    long heads = shape.heads();
    long size = shape.size();
    long length = shape.length();
    String queries =
        graph.add(
            "Transpose",
            name + "_queries_turned",
            part(site, shape, "queries", 0),
            Attributes.numbers("perm", 0, 1, 3, 2));
    String scores =
        graph.add("MatMul", name + "_products", List.of(queries, part(site, shape, "keys", 1)));
    if (shape.places() == AttentionShape.Places.RELATIVE) {
      scores = graph.add("Add", name + "_sums", List.of(scores, distances(layer, site, queries)));
    }
    String scaled =
        graph.add(
            "Mul", name + "_scores", List.of(scores, graph.scalar(name + "_scale", shape.scale())));
    String weights = graph.add("Softmax", name + "_weights", scaled, Attributes.number("axis", -1));
    String turned =
        graph.add("Transpose", name + "_turned", weights, Attributes.numbers("perm", 0, 1, 3, 2));
    String mixed =
        graph.add("MatMul", name + "_mixed", List.of(part(site, shape, "values", 2), turned));
    graph.add(
        "Reshape",
        name,
        List.of(
            mixed,
            graph.numbers(name + "_shape", -1, heads * size, shape.height(), shape.width())));
  }

  /** Queries, keys or values: {@code [batch, heads, size, length]}. */
  private static String part(LayerSite site, AttentionShape shape, String kind, int index) {
    OnnxGraph graph = site.graph();
    String name = site.name() + "_" + kind;
    long channels = (long) shape.heads() * shape.size();
    String cut =
        graph.add(
            "Slice",
            name + "_map",
            List.of(
                site.input(),
                graph.numbers(name + "_from", index * channels),
                graph.numbers(name + "_to", (index + 1) * channels),
                graph.numbers(name + "_axis", 1)));
    return graph.add(
        "Reshape",
        name,
        List.of(
            cut, graph.numbers(name + "_shape", -1, shape.heads(), shape.size(), shape.length())));
  }

  /** Queries times the vectors of distances: {@code [batch, heads, query, key]}. */
  private static String distances(SelfAttention layer, LayerSite site, String queries) {
    AttentionShape shape = layer.shape(1);
    INDArray positions = site.part(layer.block(), Part.POSITIONS);
    int length = shape.length();
    int size = shape.size();
    int width = shape.width();
    float[] vectors = new float[length * size * length];
    for (int query = 0; query < length; query++) {
      for (int key = 0; key < length; key++) {
        int down = key / width - query / width + shape.height() - 1;
        int right = key % width - query % width + width - 1 + 2 * shape.height() - 1;
        for (int c = 0; c < size; c++) {
          vectors[(query * size + c) * length + key] =
              positions.getFloat(down, c) + positions.getFloat(right, c);
        }
      }
    }
    OnnxGraph graph = site.graph();
    String name = site.name() + "_distances";
    String byPlace =
        graph.add("Transpose", name + "_queries", queries, Attributes.numbers("perm", 0, 2, 1, 3));
    String product =
        graph.add(
            "MatMul",
            name + "_products",
            List.of(byPlace, graph.weights(name + "_vectors", vectors, length, size, length)));
    return graph.add("Transpose", name, product, Attributes.numbers("perm", 0, 2, 1, 3));
  }
}
