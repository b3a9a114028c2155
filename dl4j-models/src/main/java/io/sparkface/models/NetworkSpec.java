package io.sparkface.models;

import io.sparkface.base.UserError;
import java.io.Serializable;
import java.util.Objects;

/**
 * What determines an embedding network (spec section 3.2).
 *
 * @param backbone one of {@link Networks#names()}
 * @param head how the feature map becomes an embedding: GDC, E, GAP or F
 * @param embeddingSize numbers per face
 * @param dropout share of values dropped before the embedding, active strictly between 0 and 1
 * @param height pixels of the input
 * @param width pixels of the input
 * @param batchNormMomentum share of the running statistics kept per step
 * @param batchNormEpsilon added to variances
 * @param backboneOptions variants of single families
 * @param headOptions variants of the head
 * @param surgery changes to the network as a whole
 */
public record NetworkSpec(
    String backbone,
    String head,
    int embeddingSize,
    double dropout,
    int height,
    int width,
    double batchNormMomentum,
    double batchNormEpsilon,
    BackboneOptions backboneOptions,
    HeadOptions headOptions,
    Surgery surgery)
    implements Serializable {
  private static final double USUAL_MOMENTUM = 0.99;
  private static final double USUAL_EPSILON = 0.001;

  /** Checks the ranges; names are checked where they are looked up. */
  public NetworkSpec {
    Objects.requireNonNull(backbone, "backbone");
    Objects.requireNonNull(head, "head");
    // descriptions of models written before there were options
    backboneOptions = backboneOptions == null ? BackboneOptions.USUAL : backboneOptions;
    headOptions = headOptions == null ? HeadOptions.USUAL : headOptions;
    surgery = surgery == null ? Surgery.NONE : surgery;
    check(embeddingSize >= 1, "embedding size " + embeddingSize, "choose 1 or more, usually 512");
    check(dropout >= 0 && dropout <= 1, "dropout " + dropout, "choose a share from 0 to 1");
    check(
        height >= 32 && width >= 32,
        "input of " + height + "x" + width + " pixels",
        "choose 32x32 or more, usually 112x112");
    check(
        batchNormMomentum >= 0 && batchNormMomentum < 1,
        "batch normalisation momentum " + batchNormMomentum,
        "choose 0 to below 1, usually 0.9 or 0.99");
    check(
        batchNormEpsilon > 0,
        "batch normalisation epsilon " + batchNormEpsilon,
        "choose a small positive number, usually 0.001 or 0.00001");
  }

  /** Without options. */
  public NetworkSpec(
      String backbone,
      String head,
      int embeddingSize,
      double dropout,
      int height,
      int width,
      double batchNormMomentum,
      double batchNormEpsilon) {
    this(
        backbone,
        head,
        embeddingSize,
        dropout,
        height,
        width,
        batchNormMomentum,
        batchNormEpsilon,
        BackboneOptions.USUAL,
        HeadOptions.USUAL,
        Surgery.NONE);
  }

  /** 112x112 pixels, no dropout, Keras' normalisation (momentum 0.99, epsilon 0.001). */
  public static NetworkSpec of(String backbone, String head, int embeddingSize) {
    return new NetworkSpec(
        backbone, head, embeddingSize, 0, 112, 112, USUAL_MOMENTUM, USUAL_EPSILON);
  }

  /**
   * Whether nobody asked for another batch normalisation than the usual one; a backbone with values
   * of its own then keeps those.
   */
  public boolean usualBatchNorm() {
    return batchNormMomentum == USUAL_MOMENTUM && batchNormEpsilon == USUAL_EPSILON;
  }

  /** The same network for other pictures. */
  public NetworkSpec withInput(int newHeight, int newWidth) {
    return new NetworkSpec(
        backbone,
        head,
        embeddingSize,
        dropout,
        newHeight,
        newWidth,
        batchNormMomentum,
        batchNormEpsilon,
        backboneOptions,
        headOptions,
        surgery);
  }

  /** The same network with other variants of its family. */
  public NetworkSpec with(BackboneOptions options) {
    return new NetworkSpec(
        backbone,
        head,
        embeddingSize,
        dropout,
        height,
        width,
        batchNormMomentum,
        batchNormEpsilon,
        options,
        headOptions,
        surgery);
  }

  /** The same network with another head. */
  public NetworkSpec with(HeadOptions options) {
    return new NetworkSpec(
        backbone,
        head,
        embeddingSize,
        dropout,
        height,
        width,
        batchNormMomentum,
        batchNormEpsilon,
        backboneOptions,
        options,
        surgery);
  }

  /** The same network with other changes. */
  public NetworkSpec with(Surgery changes) {
    return new NetworkSpec(
        backbone,
        head,
        embeddingSize,
        dropout,
        height,
        width,
        batchNormMomentum,
        batchNormEpsilon,
        backboneOptions,
        headOptions,
        changes);
  }

  private static void check(boolean right, String what, String remedy) {
    if (!right) {
      throw new UserError("impossible " + what, "network specification", remedy);
    }
  }
}
