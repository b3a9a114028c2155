package io.sparkface.models.backbones;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.kernels.PoolingShape.Kind;
import io.sparkface.models.layers.Activate;
import io.sparkface.models.layers.BatchNormAct;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.Concat;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.Pool;
import io.sparkface.models.layers.ResidualAdd;
import io.sparkface.models.layers.SqueezeExcite;
import io.sparkface.models.layers.StochasticDepth;
import io.sparkface.models.layers.ZeroPad;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitXavierUniform;

/**
 * Appends layers one behind the other and keeps track of the shape at the end. Kernels start from
 * Glorot's uniform distribution unless told otherwise.
 */
final class Stack {
  private final GraphBuilder graph;
  private final NetworkSpec spec;
  private final String images;
  private double momentum;
  private double epsilon;
  private IWeightInit initialisation = new WeightInitXavierUniform();
  private FeatureMap end;

  /** Starts at the images of {@code spec}. */
  Stack(GraphBuilder graph, NetworkSpec spec, String images) {
    this.graph = graph;
    this.spec = spec;
    this.images = images;
    this.end = new FeatureMap(images, spec.height(), spec.width(), 3);
    this.momentum = spec.batchNormMomentum();
    this.epsilon = spec.batchNormEpsilon();
  }

  /** The family's own normalisation, which holds where nobody asked for another. */
  Stack batchNorm(double ownMomentum, double ownEpsilon) {
    if (spec.usualBatchNorm()) {
      momentum = ownMomentum;
      epsilon = ownEpsilon;
    }
    return this;
  }

  /** How kernels start. */
  Stack initialisation(IWeightInit way) {
    initialisation = way;
    return this;
  }

  FeatureMap end() {
    return end;
  }

  /** Continues from an earlier point of the graph. */
  Stack from(FeatureMap earlier) {
    end = earlier;
    return this;
  }

  /** A convolution with whatever {@code details} adds to it. */
  Stack convolution(
      String name,
      int out,
      int kernelHeight,
      int kernelWidth,
      int stride,
      Padding padding,
      UnaryOperator<ConvBnAct.Builder> details) {
    ConvBnAct.Builder layer =
        details.apply(
            prepared(
                ConvBnAct.of(end.channels(), out)
                    .kernel(kernelHeight, kernelWidth)
                    .stride(stride)
                    .padding(padding)));
    if (end.vertex().equals(images)) {
      layer.withoutInputGradient();
    }
    return layer(
        name,
        layer.build(),
        padding.output(end.height(), kernelHeight, stride),
        padding.output(end.width(), kernelWidth, stride),
        out);
  }

  Stack convolution(
      String name,
      int out,
      int kernel,
      int stride,
      Padding padding,
      UnaryOperator<ConvBnAct.Builder> details) {
    return convolution(name, out, kernel, kernel, stride, padding, details);
  }

  Stack convolution(
      String name, int out, int kernel, int stride, Padding padding, Activation activation) {
    return convolution(name, out, kernel, stride, padding, layer -> layer.act(activation));
  }

  Stack pointwise(String name, int out, Activation activation) {
    return convolution(name, out, 1, 1, Padding.VALID, activation);
  }

  Stack depthwise(String name, int kernel, int stride, Padding padding, Activation activation) {
    int channels = end.channels();
    return convolution(
        name, channels, kernel, stride, padding, layer -> layer.groups(channels).act(activation));
  }

  /** Depthwise and pointwise with nothing between, then normalisation. */
  Stack separable(
      String name, int out, int kernel, int stride, Padding padding, Activation activation) {
    int channels = end.channels();
    return convolution(
            name + "_dw",
            channels,
            kernel,
            stride,
            padding,
            layer -> layer.groups(channels).withoutBatchNorm())
        .pointwise(name, out, activation);
  }

  Stack normalisation(String name, Activation activation) {
    return same(name, prepared(BatchNormAct.of(end.channels())).act(activation).build());
  }

  Stack activation(String name, Activation activation) {
    return same(name, prepared(Activate.of(end.channels(), activation)).build());
  }

  Stack squeezeExcite(String name, int hidden, UnaryOperator<SqueezeExcite.Builder> details) {
    return same(name, details.apply(prepared(SqueezeExcite.of(end.channels(), hidden))).build());
  }

  Stack maxPool(String name, int kernel, int stride, Padding padding) {
    return pool(name, Kind.MAX, kernel, stride, padding);
  }

  Stack meanPool(String name, int kernel, int stride, Padding padding) {
    return pool(name, Kind.AVERAGE, kernel, stride, padding);
  }

  private Stack pool(String name, Kind kind, int kernel, int stride, Padding padding) {
    return layer(
        name,
        Pool.of(kind, kernel, stride, padding),
        padding.output(end.height(), kernel, stride),
        padding.output(end.width(), kernel, stride),
        end.channels());
  }

  /** Zeros around the map; negative numbers cut. */
  Stack zeroPad(String name, int before, int after) {
    int more = before + after;
    return layer(
        name, ZeroPad.of(before, after), end.height() + more, end.width() + more, end.channels());
  }

  Stack plus(String name, FeatureMap shortcut) {
    graph.addVertex(name, new ResidualAdd(), end.vertex(), shortcut.vertex());
    return moved(name, end.height(), end.width(), end.channels());
  }

  /** The branch so far is left out of an image with a probability while training. */
  Stack plusDropped(String name, FeatureMap shortcut, double probability) {
    if (probability <= 0) {
      return plus(name, shortcut);
    }
    graph.addVertex(
        name,
        new StochasticDepth(StochasticDepth.Kept.PER_IMAGE, 1 - probability),
        end.vertex(),
        shortcut.vertex());
    return moved(name, end.height(), end.width(), end.channels());
  }

  Stack times(String name, double factor) {
    graph.addVertex(name, new ScaleVertex(factor), end.vertex());
    return moved(name, end.height(), end.width(), end.channels());
  }

  /** The channels of all maps one behind the other. */
  Stack concat(String name, FeatureMap... maps) {
    graph.addVertex(
        name, new Concat(), Arrays.stream(maps).map(FeatureMap::vertex).toArray(String[]::new));
    int channels = Arrays.stream(maps).mapToInt(FeatureMap::channels).sum();
    return moved(name, maps[0].height(), maps[0].width(), channels);
  }

  /** A layer that keeps the shape. */
  Stack same(String name, Layer layer) {
    return layer(name, layer, end.height(), end.width(), end.channels());
  }

  /** Any layer, and the shape it gives. */
  Stack layer(String name, Layer layer, int height, int width, int channels) {
    graph.addLayer(name, layer, end.vertex());
    return moved(name, height, width, channels);
  }

  /** What all layers with parameters share. */
  <B extends BlockLayer.Builder<B>> B prepared(B builder) {
    builder.weightInit(initialisation);
    return builder
        .batchNorm(momentum, epsilon)
        .insteadOfRelu(spec.surgery().insteadOfRelu())
        .decayed(spec.surgery().decayed());
  }

  private Stack moved(String vertex, int height, int width, int channels) {
    end = new FeatureMap(vertex, height, width, channels);
    return this;
  }
}
