package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * NASNet-A mobile (Zoph et al. 2018, arXiv:1707.07012; spec section 3.5) as Keras has it: 112x112
 * pixels give 4x4x1056. Each cell looks at the outputs of the two cells before it.
 */
public final class NasNetMobile implements Backbone {
  private static final int FILTERS = 44;
  private static final int CELLS = 4;

  private final NetworkSpec spec;

  public NasNetMobile(NetworkSpec spec) {
    this.spec = spec;
  }

  /** The outputs of the last cell and the one before it. */
  private record Pair(FeatureMap last, FeatureMap earlier) {
    Pair then(FeatureMap next) {
      return new Pair(next, last);
    }
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    if (spec.height() != spec.width()) {
      throw new UserError(
          "an input of " + spec.height() + "x" + spec.width() + " for nasnetmobile",
          "network specification",
          "choose a square input");
    }
    Stack stack = new Stack(graph, spec, input).batchNorm(0.9997, 1e-3);
    FeatureMap stem = stack.convolution("stem", 32, 3, 2, Padding.VALID, NONE).end();
    Pair cells = new Pair(stem, stem);
    cells = cells.then(reduction(stack, "stem_1", cells, FILTERS / 4));
    cells = cells.then(reduction(stack, "stem_2", cells, FILTERS / 2));
    for (int stage = 0; stage < 3; stage++) {
      int filters = FILTERS << stage;
      if (stage > 0) {
        cells = cells.then(reduction(stack, "reduce_" + stage, cells, filters));
      }
      for (int cell = 1; cell <= CELLS; cell++) {
        cells = cells.then(normal(stack, "stage" + stage + "_cell" + cell, cells, filters));
      }
    }
    return stack.from(cells.last()).activation("out", RELU).end();
  }

  private static FeatureMap normal(Stack stack, String name, Pair cells, int filters) {
    FeatureMap p = adjusted(stack, name + "_p", cells, filters);
    FeatureMap h = squeezed(stack.from(cells.last()), name + "_h", filters);
    FeatureMap left1 = separable(stack.from(h), name + "_left1", filters, 5, 1).end();
    FeatureMap x1 =
        separable(stack.from(p), name + "_right1", filters, 3, 1).plus(name + "_1", left1).end();
    FeatureMap left2 = separable(stack.from(p), name + "_left2", filters, 5, 1).end();
    FeatureMap x2 =
        separable(stack.from(p), name + "_right2", filters, 3, 1).plus(name + "_2", left2).end();
    FeatureMap x3 = mean(stack.from(h), name + "_left3").plus(name + "_3", p).end();
    FeatureMap left4 = mean(stack.from(p), name + "_left4").end();
    FeatureMap x4 = stack.plus(name + "_4", left4).end();
    FeatureMap x5 =
        separable(stack.from(h), name + "_left5", filters, 3, 1).plus(name + "_5", h).end();
    return stack.concat(name, p, x1, x2, x3, x4, x5).end();
  }

  private static FeatureMap reduction(Stack stack, String name, Pair cells, int filters) {
    FeatureMap p = adjusted(stack, name + "_p", cells, filters);
    FeatureMap h = squeezed(stack.from(cells.last()), name + "_h", filters);
    // values may be negative here, so the zeros around them take part in the pooling
    FeatureMap padded = stack.zeroPad(name + "_pad", h.height() % 2, 1).end();
    FeatureMap left1 = separable(stack.from(h), name + "_left1", filters, 5, 2).end();
    FeatureMap x1 =
        separable(stack.from(p), name + "_right1", filters, 7, 2).plus(name + "_1", left1).end();
    FeatureMap left2 = stack.from(padded).maxPool(name + "_left2", 3, 2, Padding.VALID).end();
    FeatureMap x2 =
        separable(stack.from(p), name + "_right2", filters, 7, 2).plus(name + "_2", left2).end();
    FeatureMap left3 = stack.from(padded).meanPool(name + "_left3", 3, 2, Padding.VALID).end();
    FeatureMap x3 =
        separable(stack.from(p), name + "_right3", filters, 5, 2).plus(name + "_3", left3).end();
    FeatureMap x4 = mean(stack.from(x1), name + "_left4").plus(name + "_4", x2).end();
    FeatureMap x5 =
        separable(stack.from(x1), name + "_left5", filters, 3, 1).plus(name + "_5", left2).end();
    return stack.concat(name, x2, x3, x4, x5).end();
  }

  private static FeatureMap squeezed(Stack stack, String name, int filters) {
    return stack.activation(name + "_act", RELU).pointwise(name, filters, NONE).end();
  }

  /** The earlier cell's output in the size of the last one's, with {@code filters} channels. */
  private static FeatureMap adjusted(Stack stack, String name, Pair cells, int filters) {
    FeatureMap p = cells.earlier();
    if (p.equals(cells.last())) {
      return p;
    }
    if (p.height() == cells.last().height()) {
      return p.channels() == filters ? p : squeezed(stack.from(p), name, filters);
    }
    FeatureMap positive = stack.from(p).activation(name + "_act", RELU).end();
    FeatureMap even = halved(stack, name + "_even", filters / 2);
    stack.from(positive).zeroPad(name + "_shift", -1, 1);
    FeatureMap odd = halved(stack, name + "_odd", filters / 2);
    return stack.concat(name + "_both", even, odd).normalisation(name, NONE).end();
  }

  private static FeatureMap halved(Stack stack, String name, int filters) {
    return stack
        .meanPool(name + "_pool", 1, 2, Padding.VALID)
        .convolution(name, filters, 1, 1, Padding.SAME, layer -> layer.withoutBatchNorm())
        .end();
  }

  private static Stack mean(Stack stack, String name) {
    return stack.meanPool(name, 3, 1, Padding.SAME);
  }

  private static Stack separable(Stack stack, String name, int filters, int kernel, int stride) {
    return stack
        .activation(name + "_act", RELU)
        .separable(name + "_1", filters, kernel, stride, Padding.SAME, RELU)
        .separable(name + "_2", filters, kernel, 1, Padding.SAME, NONE);
  }
}
