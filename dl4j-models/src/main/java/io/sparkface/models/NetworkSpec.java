package io.sparkface.models;

/**
 * A network from picture to embedding, by name: everything needed to build it again.
 *
 * @param backbone one of {@link Networks#names()}
 * @param head GDC, E, GAP or F (spec 3.2)
 * @param embeddingSize width of the embedding
 * @param dropout share dropped before the embedding, 0 is none
 * @param height rows of pixels
 * @param width columns of pixels
 * @param batchNormMomentum share of the old running statistics kept at each step
 * @param batchNormEpsilon added to the variance
 */
public record NetworkSpec(
    String backbone,
    String head,
    int embeddingSize,
    double dropout,
    int height,
    int width,
    double batchNormMomentum,
    double batchNormEpsilon) {

  /** With the original's defaults: 112x112, no dropout, batch normalisation 0.99 and 0.001. */
  public static NetworkSpec of(String backbone, String head, int embeddingSize) {
    return new NetworkSpec(backbone, head, embeddingSize, 0, 112, 112, 0.99, 0.001);
  }
}
