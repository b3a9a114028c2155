package io.sparkface.pipeline.train;

import io.sparkface.pipeline.checkpoint.Position;
import io.sparkface.pipeline.checkpoint.TrainingState;
import io.sparkface.pipeline.distribute.StepLoss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How far a run has come and what it has found out, while it goes on. */
final class RunState {
  private final History history;
  private Position position;
  private double bestAccuracy;
  private int epochsSinceBest;
  private double epochLoss;
  private final Map<String, Double> epochHeadLosses = new TreeMap<>();
  private Map<String, Double> scores = Map.of();

  private RunState(Position position, History history) {
    this.position = position;
    this.history = history;
  }

  static RunState at(Position position) {
    return new RunState(position, new History());
  }

  /**
   * @param scores accuracy by pair set when the checkpoint was written
   */
  static RunState of(TrainingState stored, Map<String, Double> scores) {
    RunState state = new RunState(stored.position(), History.of(stored.history()));
    state.bestAccuracy = stored.bestAccuracy();
    state.epochsSinceBest = stored.epochsSinceBest();
    state.epochLoss = stored.epochLoss();
    state.epochHeadLosses.putAll(stored.epochHeadLosses());
    state.scores = scores;
    return state;
  }

  TrainingState stored(int weightsStage, String fingerprint) {
    Map<String, List<Double>> curves = new LinkedHashMap<>();
    history.values().forEach((name, list) -> curves.put(name, new ArrayList<>(list)));
    return new TrainingState(
        position,
        weightsStage,
        fingerprint,
        bestAccuracy,
        epochsSinceBest,
        epochLoss,
        epochHeadLosses,
        curves);
  }

  Position position() {
    return position;
  }

  History history() {
    return history;
  }

  int epochsSinceBest() {
    return epochsSinceBest;
  }

  /** Accuracy by pair set at the last evaluation. */
  Map<String, Double> scores() {
    return scores;
  }

  void stepped(StepLoss loss) {
    epochLoss += loss.sum();
    loss.heads().forEach((head, own) -> epochHeadLosses.merge(head, own, Double::sum));
    position =
        new Position(
            position.stage(), position.epoch(), position.stepInEpoch() + 1, position.step() + 1);
  }

  /** Mean loss of the epoch's steps so far. */
  double meanLoss() {
    return epochLoss / position.stepInEpoch();
  }

  /** Mean loss of each head in the epoch's steps so far, by vertex. */
  Map<String, Double> meanHeadLosses() {
    Map<String, Double> means = new TreeMap<>(epochHeadLosses);
    means.replaceAll((head, sum) -> sum / position.stepInEpoch());
    return means;
  }

  /**
   * Notes an evaluation.
   *
   * @param all accuracy by pair set
   * @param accuracy on the pair set that chooses
   * @param leastGain what counts as better
   * @return whether the model is the best so far, or as good
   */
  boolean scored(Map<String, Double> all, double accuracy, double leastGain) {
    scores = all;
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
    epochHeadLosses.clear();
  }
}
