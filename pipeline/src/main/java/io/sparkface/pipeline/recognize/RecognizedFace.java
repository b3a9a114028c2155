package io.sparkface.pipeline.recognize;

import io.sparkface.pipeline.detect.DetectedFace;

/**
 * A face in a photo and what the network makes of it.
 *
 * @param embedding of length 1
 */
public record RecognizedFace(DetectedFace face, float[] embedding) {}
