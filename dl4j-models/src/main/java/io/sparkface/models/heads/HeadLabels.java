package io.sparkface.models.heads;

/** What a head compares its input with. */
public enum HeadLabels {
  /** Class numbers [N, 1], or [N, 3] for mixed images: first class, second, the first's share. */
  CLASSES,
  /** What a teacher gives for the same images [N, D]. */
  TEACHER
}
