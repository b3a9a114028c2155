package io.sparkface.pipeline.evaluate.ijb;

import java.io.Serializable;

/**
 * One face of a release.
 *
 * @param name of the file among the loose crops
 * @param template the set of images it is judged with
 * @param media the photo or film it was taken from; frames of one film share it
 * @param landmarks x1, y1, … x5, y5 in the crop
 * @param score the detector's
 */
public record IjbImage(String name, int template, int media, double[] landmarks, float score)
    implements Serializable {}
