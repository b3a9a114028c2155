package io.sparkface.models.backbones;

/** A vertex of the graph and the shape it gives: {@code [n, height, width, channels]}. */
public record FeatureMap(String vertex, int height, int width, int channels) {}
