package io.sparkface.pipeline.checkpoint;

/**
 * How far a run has come.
 *
 * @param stage the stage the next step belongs to, from 0; the last one's when all is done
 * @param epoch epochs completed, over all stages
 * @param stepInEpoch steps completed of the next epoch
 * @param step steps completed, over all stages
 */
public record Position(int stage, int epoch, long stepInEpoch, long step) {
  /** Before the first step. */
  public static final Position START = new Position(0, 0, 0, 0);
}
