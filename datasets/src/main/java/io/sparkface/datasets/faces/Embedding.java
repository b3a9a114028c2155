package io.sparkface.datasets.faces;

/**
 * What a network makes of one image.
 *
 * @param key of the image
 * @param label of its identity in the set that was embedded
 * @param values not normalised
 */
public record Embedding(long key, int label, float[] values) {}
