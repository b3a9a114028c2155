package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a margin learns its state from.
 *
 * @param cosines [N, C], to be read only
 * @param targets cosines of the targets, one per row, two in a row of mixed images
 * @param norms lengths of the embeddings [N] before they were normalised
 */
public record CosineBatch(INDArray cosines, double[] targets, double[] norms) {}
