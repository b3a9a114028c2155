package io.sparkface.pipeline.train;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.checkpoint.TrainingState;
import io.sparkface.pipeline.distribute.EpochSteps;
import io.sparkface.pipeline.distribute.EpochTrainer;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.report.Report;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.schedule.ISchedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run from one start to its end, or until it is asked to stop. */
final class StartedRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StartedRun.class);

  private final TrainingInputs inputs;
  private final TrainPlan plan;
  private final Timeline timeline;
  private final StopRequest stop;
  private final RunState state;
  private final RunLog log;
  private final TrainedNetwork network;
  private final RunModels models;
  private final RunEvaluation evaluation;

  /**
   * @param resume a checkpoint to go on from where the run has none of its own
   */
  StartedRun(TrainingInputs inputs, Optional<String> resume, StopRequest stop) throws IOException {
    this.inputs = inputs;
    this.plan = inputs.plan();
    this.timeline = inputs.timeline();
    this.stop = stop;
    Optional<String> own = inputs.directory().newestCheckpoint();
    Optional<String> from = own.or(() -> resume);
    Optional<ModelDirectory> source = from.map(name -> ModelDirectory.open(name, inputs.hadoop()));
    if (source.isPresent()) {
      TrainingState stored = source.get().state();
      if (own.isPresent()) {
        requireSamePlan(stored);
      }
      this.state = RunState.of(stored, source.get().card().scores());
      LOG.info(
          "going on after step {} of {} in {}",
          state.position().step(),
          timeline.steps(),
          from.orElseThrow());
    } else {
      this.state = RunState.at(timeline.startOf(plan.initial().epoch()));
    }
    this.log =
        new RunLog(
            inputs.directory().logs(), state.position().step(), inputs.hadoop(), Clock.systemUTC());
    this.network = new TrainedNetwork(inputs, source);
    this.models = new RunModels(inputs, state, network);
    this.evaluation = new RunEvaluation(inputs, state, network, models, log);
  }

  private void requireSamePlan(TrainingState stored) {
    if (!stored.planFingerprint().equals(plan.fingerprint())) {
      throw new UserError(
          "the run was begun with another plan",
          inputs.directory().toString(),
          "use the plan it was begun with, another --output, or --fresh to begin anew");
    }
  }

  /** Trains what is left to train. */
  TrainingRun.Result on() throws IOException {
    for (int e = state.position().epoch(); e < timeline.size() && !over(); e++) {
      epoch(timeline.epochs().get(e));
    }
    TrainingRun.End end = end();
    if (end != TrainingRun.End.STOPPED && !inputs.directory().has(inputs.directory().model())) {
      if (!network.entered()) {
        // killed between the last checkpoint and the final model
        network.enter(Math.min(state.position().stage(), plan.stages().size() - 1));
      }
      models.last();
    }
    return new TrainingRun.Result(
        end,
        state.position().epoch(),
        state.position().step(),
        inputs.faces().manifest().rows(),
        inputs.faces().identities(),
        inputs.directory().model(),
        state.history().values());
  }

  private boolean over() {
    return stop.made() || exhausted();
  }

  private boolean exhausted() {
    int patience = plan.evaluation().patience();
    return patience > 0 && state.epochsSinceBest() >= patience;
  }

  private TrainingRun.End end() {
    if (state.position().epoch() >= timeline.size()) {
      return TrainingRun.End.FINISHED;
    }
    return exhausted() ? TrainingRun.End.EARLY : TrainingRun.End.STOPPED;
  }

  private void epoch(EpochSpan epoch) throws IOException {
    network.enter(epoch.stageIndex());
    long done = state.position().stepInEpoch();
    ISchedule rate = inputs.rate(epoch.stage());
    BatchOrder order = order(epoch);
    // the count that rate, bias correction and class sampling go by
    long clock = epoch.scheduleEpoch() * order.steps();
    network.graph().getConfiguration().setIterationCount((int) (clock + done));
    Progress progress =
        new Progress(
            "train epoch " + (epoch.index() + 1) + "/" + timeline.size(),
            "images",
            (epoch.steps() - done) * plan.data().batchSize());
    StepWatch watch =
        new StepWatch(stop, state, progress, log, epoch.stage(), plan.checkpoint().logEverySteps());
    long written = state.position().step();
    try (EpochTrainer.Epoch running =
        inputs
            .trainer()
            .begin(
                new EpochSteps(
                    order, epoch.index(), done, epoch.steps(), epoch.firstStep(), rate))) {
      while (state.position().stepInEpoch() < epoch.steps() && !stop.made()) {
        long end = nextPause(epoch);
        running.train(network.graph(), end - epoch.firstStep(), watch);
        long now = state.position().step();
        boolean epochEnds = state.position().stepInEpoch() == epoch.steps();
        if (!epochEnds && isMultiple(now, plan.evaluation().everySteps())) {
          evaluation.of(epoch.stage());
        }
        if (!epochEnds && isMultiple(now, plan.checkpoint().everySteps())) {
          checkpoint();
          written = now;
        }
      }
    }
    LOG.info(
        "epoch {}: {} images/s",
        epoch.index() + 1,
        String.format(Locale.ROOT, "%.1f", progress.rate()));
    if (state.position().stepInEpoch() == epoch.steps()) {
      end(epoch, rate.valueAt((int) clock, 0), progress.rate());
    } else if (state.position().step() > written) {
      checkpoint();
    }
  }

  private BatchOrder order(EpochSpan epoch) throws IOException {
    if (!epoch.stage().mined()) {
      return inputs.orders().of(epoch.stage());
    }
    return inputs
        .orders()
        .mining(epoch.stage())
        .of(epoch.index(), network.graph(), inputs.directory().mined(), inputs.hadoop());
  }

  /** The step of the run after which something else is to be done. */
  private long nextPause(EpochSpan epoch) {
    long step = state.position().step();
    long end = epoch.firstStep() + epoch.steps();
    end = Math.min(end, nextMultiple(step, plan.checkpoint().everySteps()));
    return Math.min(end, nextMultiple(step, plan.evaluation().everySteps()));
  }

  private static long nextMultiple(long step, int of) {
    return of == 0 ? Long.MAX_VALUE : (step / of + 1) * of;
  }

  private static boolean isMultiple(long step, int of) {
    return of > 0 && step % of == 0;
  }

  private void checkpoint() throws IOException {
    log.end(state.position().step());
    models.checkpoint();
  }

  private void end(EpochSpan epoch, double rate, double imagesPerSecond) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("lr", rate);
    values.put("loss", state.meanLoss());
    double regular = network.graph().calcRegularizationScore(true);
    if (regular > 0) {
      values.put("regular_loss", regular);
    }
    state
        .meanHeadLosses()
        .forEach((head, loss) -> values.put(TrainingGraph.lossName(head, epoch.stage()), loss));
    if (TrainingGraph.classifies(network.graph())) {
      values.put("accuracy", inputs.accuracy().of(network.graph()));
    }
    Map<String, Evaluations.Scored> evaluated = evaluation.of(epoch.stage());
    evaluated.forEach(
        (name, result) -> {
          values.put(name, result.verification().accuracy());
          values.put(name + "_thresh", result.verification().threshold());
        });
    if (!evaluated.isEmpty()) {
      state.epochScored();
    }
    state.history().add(values);
    LOG.info("epoch {}/{} {}", epoch.index() + 1, timeline.size(), describe(values));
    values.put("stage", (double) epoch.stageIndex());
    values.put("images_per_second", imagesPerSecond);
    log.add("epoch", state.position().step(), values);
    state.epochEnded(timeline.startOf(epoch.index() + 1));
    checkpoint();
    state.history().write(inputs.directory().history(), inputs.hadoop());
    Report.refresh(inputs.directory().root(), inputs.hadoop());
  }

  private static String describe(Map<String, Double> values) {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (name, value) -> text.append(String.format(Locale.ROOT, "%s %.5g  ", name, value)));
    return text.toString().strip();
  }

  @Override
  public void close() throws IOException {
    try (RunLog closed = log) {
      network.close();
    }
  }
}
