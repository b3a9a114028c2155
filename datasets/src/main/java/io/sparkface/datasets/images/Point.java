package io.sparkface.datasets.images;

/** A place in a picture: pixels from the centre of the top left pixel, x to the right, y down. */
public record Point(double x, double y) {}
