package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.FaceLandmarks;

/**
 * A face in a photo.
 *
 * @param score the detector's confidence, 0 to 1
 */
public record DetectedFace(Box box, double score, FaceLandmarks landmarks) {}
