package io.sparkface.models;

import io.sparkface.base.UserError;
import io.sparkface.models.kernels.Activation;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * What some families can be built with (spec sections 3.3 to 3.5); a family that does not know an
 * option refuses it.
 *
 * @param activation of the residual networks {@code r18…r101}: RELU, PRELU or SWISH
 * @param shortcut how the first stack of those networks brings its input to half size
 * @param stemStride stride of the first convolution of GhostNet and EfficientNet, 0 for their own
 * @param dropConnect largest probability with which EfficientNet leaves a branch out, -1 for its
 *     own
 */
public record BackboneOptions(
    Activation activation, Shortcut shortcut, int stemStride, double dropConnect)
    implements Serializable {
  /** Every family as published. */
  public static final BackboneOptions USUAL =
      new BackboneOptions(Activation.RELU, Shortcut.CONVOLUTION, 0, -1);

  /** The shortcut of a unit of stride 2 with as many channels behind as before it. */
  public enum Shortcut {
    /** 1x1 with normalisation. */
    CONVOLUTION,
    /** Every second row and column: MaxPool 1x1. */
    MAX_POOL
  }

  /** What a family may or may not know. */
  public enum Option {
    ACTIVATION,
    SHORTCUT,
    STEM_STRIDE,
    DROP_CONNECT
  }

  /** What was asked for beyond the usual. */
  public Set<Option> chosen() {
    Set<Option> result = EnumSet.noneOf(Option.class);
    if (activation != USUAL.activation) {
      result.add(Option.ACTIVATION);
    }
    if (shortcut != USUAL.shortcut) {
      result.add(Option.SHORTCUT);
    }
    if (stemStride != USUAL.stemStride) {
      result.add(Option.STEM_STRIDE);
    }
    if (dropConnect >= 0) {
      result.add(Option.DROP_CONNECT);
    }
    return result;
  }

  /** Checks the ranges. */
  public BackboneOptions {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(shortcut, "shortcut");
    if (stemStride < 0 || stemStride > 2) {
      throw new UserError(
          "impossible stem stride " + stemStride, "network specification", "choose 1 or 2");
    }
    if (dropConnect >= 1) {
      throw new UserError(
          "impossible drop-connect rate " + dropConnect,
          "network specification",
          "choose 0 to below 1, usually 0.2");
    }
  }

  /** With another activation. */
  public BackboneOptions withActivation(Activation other) {
    return new BackboneOptions(other, shortcut, stemStride, dropConnect);
  }

  /** With another shortcut. */
  public BackboneOptions withShortcut(Shortcut other) {
    return new BackboneOptions(activation, other, stemStride, dropConnect);
  }

  /** With another stride of the first convolution. */
  public BackboneOptions withStemStride(int stride) {
    return new BackboneOptions(activation, shortcut, stride, dropConnect);
  }

  /** With another drop-connect rate. */
  public BackboneOptions withDropConnect(double rate) {
    return new BackboneOptions(activation, shortcut, stemStride, rate);
  }
}
