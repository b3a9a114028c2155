package io.sparkface.models.backbones;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.distribution.ConstantDistribution;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;

/**
 * What backbones are made of, appended to a graph one after the other. Each method returns the name
 * of the vertex it appended, numbered in the order of appending.
 */
public final class Blocks {
  private final GraphBuilder graph;
  private final double momentum;
  private final double epsilon;
  private int count;

  /**
   * @param momentum share of the old running statistics kept at each step
   * @param epsilon added to the variance
   */
  public Blocks(GraphBuilder graph, double momentum, double epsilon) {
    this.graph = graph;
    this.momentum = momentum;
    this.epsilon = epsilon;
  }

  /** Appends {@code layer} under {@code name}. */
  public String named(String name, Layer layer, String input) {
    graph.addLayer(name, layer, input);
    return name;
  }

  private String next(String kind, Layer layer, String input) {
    return named(kind + "_" + count++, layer, input);
  }

  /** Convolution without bias, TensorFlow's SAME padding. */
  public String convolution(String input, int filters, int kernel, int stride) {
    return next(
        "conv",
        new ConvolutionLayer.Builder(kernel, kernel)
            .nOut(filters)
            .stride(stride, stride)
            .convolutionMode(ConvolutionMode.Same)
            .hasBias(false)
            .weightInit(WeightInit.XAVIER_UNIFORM)
            .activation(Activation.IDENTITY)
            .build(),
        input);
  }

  /** Depthwise convolution without bias; {@code mode} Same or Truncate (VALID). */
  public String depthwise(String input, int kernel, int stride, ConvolutionMode mode) {
    return next(
        "depthwise",
        new DepthwiseConvolution2D.Builder(kernel, kernel)
            .depthMultiplier(1)
            .stride(stride, stride)
            .convolutionMode(mode)
            .hasBias(false)
            .weightInit(WeightInit.XAVIER_UNIFORM)
            .activation(Activation.IDENTITY)
            .build(),
        input);
  }

  /** Batch normalisation with scale and shift. */
  public String batchNorm(String input) {
    return next("bn", normalisation(), input);
  }

  /** The layer of {@link #batchNorm}, for callers that name it. */
  public BatchNormalization normalisation() {
    return new BatchNormalization.Builder()
        .decay(momentum)
        .eps(epsilon)
        .activation(Activation.IDENTITY)
        .build();
  }

  /** PReLU shared over rows and columns, slope 0.25 at first. */
  public String prelu(String input) {
    return next(
        "prelu",
        new PReLULayer.Builder()
            .sharedAxes(1, 2)
            .weightInit(new ConstantDistribution(0.25))
            .build(),
        input);
  }

  /** Convolution, batch normalisation, PReLU. */
  public String convolutionUnit(String input, int filters, int kernel, int stride) {
    return prelu(batchNorm(convolution(input, filters, kernel, stride)));
  }

  /** Element-wise sum. */
  public String add(String left, String right) {
    String name = "add_" + count++;
    graph.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Add), left, right);
    return name;
  }
}
