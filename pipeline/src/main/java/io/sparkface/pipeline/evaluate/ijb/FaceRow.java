package io.sparkface.pipeline.evaluate.ijb;

import java.io.Serializable;

/** What the network made of one image, and where it belongs. */
public record FaceRow(int template, int media, float score, float[] plain, float[] mirrored)
    implements Serializable {}
