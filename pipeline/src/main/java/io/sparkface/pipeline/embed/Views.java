package io.sparkface.pipeline.embed;

/** Which views of a picture are embedded. */
public enum Views {
  PLAIN,
  /** The picture and its mirror image. */
  PLAIN_AND_MIRRORED
}
