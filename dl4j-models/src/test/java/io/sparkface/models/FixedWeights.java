package io.sparkface.models;

import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.models.layers.SqueezeExcite;
import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Numbers that a formula gives by kind, shape and index alone, so that a network of any library can
 * hold the same without a file: u(i, salt) below, in [-1, 1). A kernel {@code [h, w, in / groups,
 * out]} of n numbers and fan-in f = h w in / groups is sqrt(6 / f) u(i, n); gamma 1 + 0.2 u(i, 1),
 * beta 1 + 0.2 u(i, 2), bias 0.1 u(i, 5), PReLU's slope 0.25 + 0.1 u(i, 6), positions 0.3 u(i, 7),
 * pixels u(i, 8), the gradient of an output u(i, 9).
 */
final class FixedWeights {
  private static final int GAMMA = 1;
  private static final int BETA = 2;
  private static final int BIAS = 5;
  private static final int ALPHA = 6;
  private static final int POSITION = 7;
  private static final int PIXEL = 8;
  private static final int GRADIENT = 9;

  private FixedWeights() {}

  private static double u(int i, int salt) {
    int x = i * 0x9E3779B1 + salt * 0x85EBCA77;
    x ^= x >>> 16;
    x *= 0x7FEB352D;
    x ^= x >>> 15;
    x *= 0x846CA68B;
    x ^= x >>> 16;
    return (x >>> 8) * 0x1p-23 - 1;
  }

  private static INDArray numbers(double middle, double reach, int salt, long... shape) {
    int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (middle + reach * u(i, salt));
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  static INDArray pixels(long... shape) {
    return numbers(0, 1, PIXEL, shape);
  }

  static INDArray gradient(long... shape) {
    return numbers(0, 1, GRADIENT, shape);
  }

  /** Fills a network; running statistics become 0. */
  static void fill(ComputationGraph net) {
    for (Layer layer : net.getLayers()) {
      if (layer.conf().getLayer() instanceof BlockLayer block && block.block().length() > 0) {
        INDArray values = layer.paramTable().get(ParameterBlock.KEY);
        for (Part part : block.block().parts()) {
          INDArray view = block.block().view(values, part);
          switch (part) {
            case KERNEL -> kernel(block, view);
            case BIAS -> bias(block, view);
            case SCALE_SHIFT -> {
              view.getRow(0).assign(numbers(1, 0.2, GAMMA, view.size(1)));
              view.getRow(1).assign(numbers(1, 0.2, BETA, view.size(1)));
            }
            case SHIFT -> view.assign(numbers(1, 0.2, BETA, view.shape()));
            case STATISTICS -> view.assign(0);
            case ALPHA -> view.assign(numbers(0.25, 0.1, ALPHA, view.shape()));
            case POSITIONS -> view.assign(numbers(0, 0.3, POSITION, view.shape()));
          }
        }
      }
    }
  }

  private static void kernel(BlockLayer layer, INDArray view) {
    if (layer instanceof SqueezeExcite) {
      long channels = layer.getNIn();
      long hidden = view.size(1) / channels;
      int length = (int) view.size(1);
      view.getRow(0).assign(numbers(0, Math.sqrt(6.0 / channels), length, length));
      view.getRow(1).assign(numbers(0, Math.sqrt(6.0 / hidden), length, length));
      return;
    }
    double fanIn = view.size(0) * view.size(1) * view.size(2);
    view.assign(numbers(0, Math.sqrt(6 / fanIn), (int) view.length(), view.shape()));
  }

  private static void bias(BlockLayer layer, INDArray view) {
    long first = layer instanceof SqueezeExcite ? view.length() - layer.getNIn() : 0;
    if (first > 0) {
      view.get(NDArrayIndex.interval(0, first)).assign(numbers(0, 0.1, BIAS, first));
    }
    view.get(NDArrayIndex.interval(first, view.length()))
        .assign(numbers(0, 0.1, BIAS, view.length() - first));
  }

  /**
   * Makes running statistics those of the batch that was just passed forward and backward: they
   * began at 0 and now are (1 - momentum) times the batch's.
   */
  static void takeStatistics(ComputationGraph net) {
    for (Layer layer : net.getLayers()) {
      if (layer.conf().getLayer() instanceof BlockLayer block
          && block.block().length(Part.STATISTICS) > 0) {
        INDArray values = layer.paramTable().get(ParameterBlock.KEY);
        block.block().view(values, Part.STATISTICS).divi(1 - block.momentum());
      }
    }
  }
}
