package io.sparkface.pipeline.evaluate;

/**
 * Points of a ROC for a picture, from (0, 0) up: enough of them to draw it by a logarithmic FAR.
 *
 * @param far false accept rates
 * @param tar true accept rates
 */
public record RocCurve(double[] far, double[] tar) {}
