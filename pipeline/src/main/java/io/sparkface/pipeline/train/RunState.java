package io.sparkface.pipeline.train;

import io.sparkface.pipeline.checkpoint.Position;
import io.sparkface.pipeline.checkpoint.TrainingState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How far a run has come and what it has found out, while it goes on. */
final class RunState {
  private final History history;
  private Position position;
  private double bestAccuracy;
  private int epochsSinceBest;
  private double epochLoss;

  private RunState(Position position, History history) {
    this.position = position;
    this.history = history;
  }

  static RunState at(Position position) {
    return new RunState(position, new History());
  }

  static RunState of(TrainingState stored) {
    RunState state = new RunState(stored.position(), History.of(stored.history()));
    state.bestAccuracy = stored.bestAccuracy();
    state.epochsSinceBest = stored.epochsSinceBest();
    state.epochLoss = stored.epochLoss();
    return state;
  }

  TrainingState stored(int weightsStage, String fingerprint) {
    Map<String, List<Double>> curves = new LinkedHashMap<>();
    history.values().forEach((name, list) -> curves.put(name, new ArrayList<>(list)));
    return new TrainingState(
        position, weightsStage, fingerprint, bestAccuracy, epochsSinceBest, epochLoss, curves);
  }

  Position position() {
    return position;
  }

  History history() {
    return history;
  }

  double bestAccuracy() {
    return bestAccuracy;
  }

  int epochsSinceBest() {
    return epochsSinceBest;
  }

  void stepped(double loss) {
    epochLoss += loss;
    position =
        new Position(
            position.stage(), position.epoch(), position.stepInEpoch() + 1, position.step() + 1);
  }

  /** Mean loss of the epoch's steps so far. */
  double meanLoss() {
    return epochLoss / position.stepInEpoch();
  }

  /**
   * Notes an accuracy on the pair set that chooses.
   *
   * @param leastGain what counts as better
   * @return whether the model is the best so far, or as good
   */
  boolean scored(double accuracy, double leastGain) {
    if (accuracy > bestAccuracy + leastGain) {
      epochsSinceBest = 0;
    }
    boolean best = accuracy >= bestAccuracy;
    bestAccuracy = Math.max(bestAccuracy, accuracy);
    return best;
  }

  void epochScored() {
    epochsSinceBest++;
  }

  void epochEnded(Position next) {
    position = next;
    epochLoss = 0;
  }
}
