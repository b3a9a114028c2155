package io.sparkface.datasets.verification;

/**
 * Two encoded pictures and whether they show one person.
 *
 * @param index place in the set, on which the folds depend
 */
public record FacePair(int index, byte[] first, byte[] second, boolean same) {}
