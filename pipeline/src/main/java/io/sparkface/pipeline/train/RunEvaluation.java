package io.sparkface.pipeline.train;

import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;

/** Evaluates the network of a run now and then, and keeps it where it is the best so far. */
final class RunEvaluation {
  private final TrainingInputs inputs;
  private final RunState state;
  private final TrainedNetwork network;
  private final RunModels models;
  private final RunLog log;

  RunEvaluation(
      TrainingInputs inputs, RunState state, TrainedNetwork network, RunModels models, RunLog log) {
    this.inputs = inputs;
    this.state = state;
    this.network = network;
    this.models = models;
    this.log = log;
  }

  /** Result per pair set; none where heads alone are trained. */
  Map<String, Evaluations.Scored> of(TrainPlan.Stage stage) throws IOException {
    Evaluations evaluations = inputs.evaluations();
    if (!evaluations.any() || stage.bottleneckOnly()) {
      return Map.of();
    }
    Map<String, Evaluations.Scored> results = evaluations.of(network.graph());
    Map<String, Double> scores =
        results.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, entry -> entry.getValue().verification().accuracy()));
    log.add("evaluation", state.position().step(), scores);
    double leastGain = inputs.plan().evaluation().leastGain();
    if (state.scored(scores, evaluations.chosen(results), leastGain)) {
      models.best();
      keep(results, inputs.directory().evaluations("best"));
    }
    keep(results, inputs.directory().evaluations("last"));
    return results;
  }

  /** For the report. */
  private void keep(Map<String, Evaluations.Scored> results, String there) throws IOException {
    String model = inputs.directory() + " step " + state.position().step();
    for (Evaluations.Scored result : results.values()) {
      EvaluationResult.ofPairs(
              model,
              result.set(),
              result.cosines(),
              result.verification(),
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
          .write(there, inputs.hadoop());
    }
  }
}
