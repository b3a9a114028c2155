package io.sparkface.models.backbones;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.BatchNormAct;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.ResidualAdd;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.weights.IWeightInit;

/** Appends layers one behind the other and keeps track of the shape at the end. */
final class Stack {
  private final GraphBuilder graph;
  private final double momentum;
  private final double epsilon;
  private final IWeightInit initialisation;
  private final String images;
  private FeatureMap end;

  Stack(
      GraphBuilder graph,
      FeatureMap images,
      double momentum,
      double epsilon,
      IWeightInit initialisation) {
    this.graph = graph;
    this.images = images.vertex();
    this.end = images;
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.initialisation = initialisation;
  }

  FeatureMap end() {
    return end;
  }

  /** Continues from an earlier point of the graph. */
  Stack from(FeatureMap earlier) {
    end = earlier;
    return this;
  }

  /** A convolution with whatever {@code details} adds to a plain 1x1. */
  Stack convolution(
      String name,
      int out,
      int kernel,
      int stride,
      Padding padding,
      UnaryOperator<ConvBnAct.Builder> details) {
    ConvBnAct.Builder layer =
        details.apply(
            ConvBnAct.of(end.channels(), out)
                .kernel(kernel)
                .stride(stride)
                .padding(padding)
                .weightInit(initialisation)
                .batchNorm(momentum, epsilon));
    if (end.vertex().equals(images)) {
      layer.withoutInputGradient();
    }
    graph.addLayer(name, layer.build(), end.vertex());
    end =
        new FeatureMap(
            name,
            padding.output(end.height(), kernel, stride),
            padding.output(end.width(), kernel, stride),
            out);
    return this;
  }

  Stack convolution(
      String name, int out, int kernel, int stride, Padding padding, Activation activation) {
    return convolution(name, out, kernel, stride, padding, layer -> layer.act(activation));
  }

  Stack depthwise(String name, int kernel, int stride, Padding padding, Activation activation) {
    int channels = end.channels();
    return convolution(
        name, channels, kernel, stride, padding, layer -> layer.groups(channels).act(activation));
  }

  Stack normalisation(String name, Activation activation) {
    graph.addLayer(
        name,
        BatchNormAct.of(end.channels()).batchNorm(momentum, epsilon).act(activation).build(),
        end.vertex());
    end = new FeatureMap(name, end.height(), end.width(), end.channels());
    return this;
  }

  Stack plus(String name, FeatureMap shortcut) {
    graph.addVertex(name, new ResidualAdd(), end.vertex(), shortcut.vertex());
    end = new FeatureMap(name, end.height(), end.width(), end.channels());
    return this;
  }
}
