package io.sparkface.pipeline.train;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.checkpoint.TrainingState;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.distill.OnlineTeacher;
import io.sparkface.pipeline.distribute.Embeddings;
import io.sparkface.pipeline.distribute.EpochSteps;
import io.sparkface.pipeline.distribute.EpochTrainer;
import io.sparkface.pipeline.distribute.LocalTrainer;
import io.sparkface.pipeline.distribute.StepLoss;
import io.sparkface.pipeline.distribute.Trainer;
import io.sparkface.pipeline.distribute.TrainingSet;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.report.Report;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.schedule.ISchedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a plan into a run directory: {@code checkpoints/step-NNNNNNNNNN}, {@code best}, {@code
 * model} (the last step's), {@code history.json}. Started again on the same directory it goes on
 * after the newest complete checkpoint, to the same weights as if it had never ended, or, when the
 * run is complete, trains nothing. A file {@code STOP} in the run directory, or SIGTERM, ends it
 * after the step that is being computed, with a checkpoint.
 */
public final class TrainingRun {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainPlan plan;
  private final RunDirectory directory;
  private final Configuration hadoop;
  private final FaceSet faces;
  private final Optional<EmbeddingSet> teacher;
  private final Evaluations evaluations;
  private final Orders orders;
  private final TrainingAccuracy accuracy;
  private final int teacherWidth;
  private final Timeline timeline;
  private final EpochTrainer trainer;

  /** Why a run is over. */
  public enum End {
    /** All stages are done. */
    FINISHED,
    /** The accuracy did not rise any more. */
    EARLY,
    /** It was asked to; started again it goes on. */
    STOPPED
  }

  /**
   * What a run came to.
   *
   * @param end why it is over
   * @param epochs epochs completed, also in earlier starts
   * @param steps steps completed, also in earlier starts
   * @param images in the training set
   * @param identities in the training set
   * @param model directory of the last step's model; not there when the run was stopped
   * @param history one value per epoch (spec 6.2)
   */
  public record Result(
      End end,
      int epochs,
      long steps,
      long images,
      int identities,
      String model,
      Map<String, List<Double>> history) {}

  /** Opens every input; a {@link UserError} names the first that is missing or does not fit. */
  public TrainingRun(TrainPlan plan, String output, Configuration hadoop) {
    this(plan, output, hadoop, new LocalTrainer());
  }

  /** As {@link #TrainingRun(TrainPlan, String, Configuration)}, in this JVM by {@code trainer}. */
  TrainingRun(TrainPlan plan, String output, Configuration hadoop, Trainer trainer) {
    this(plan, output, hadoop, Optional.empty(), trainer);
  }

  /** As {@link #TrainingRun(TrainPlan, String, Configuration)}, on {@code executors}. */
  public TrainingRun(
      TrainPlan plan,
      String output,
      Configuration hadoop,
      Function<TrainingSet, EpochTrainer> executors) {
    this(plan, output, hadoop, Optional.of(executors), new LocalTrainer());
  }

  private TrainingRun(
      TrainPlan plan,
      String output,
      Configuration hadoop,
      Optional<Function<TrainingSet, EpochTrainer>> executors,
      Trainer local) {
    this.plan = plan;
    this.hadoop = hadoop;
    this.directory = new RunDirectory(new Path(output), hadoop);
    if (plan.data().faces().isEmpty()) {
      throw new UserError(
          "no training set is named", "data.faces", "set data.faces in the plan or by --set");
    }
    this.faces = FaceSet.open(new Path(plan.data().faces()), hadoop);
    this.orders = new Orders(plan, faces, hadoop);
    this.timeline = Timeline.of(plan, orders::steps);
    if (plan.initial().epoch() >= timeline.size()) {
      throw new UserError(
          "the plan has " + timeline.size() + " epochs, none is left to train",
          "initial.epoch",
          "lower initial.epoch or add epochs to the stages");
    }
    OnlineTeacher.Source asked = Teachers.online(plan, faces);
    this.teacher =
        plan.distils() && !asked.any()
            ? Optional.of(EmbeddingSet.open(new Path(plan.data().embeddings()), faces, hadoop))
            : Optional.empty();
    TrainingSet set =
        new TrainingSet(
            faces,
            teacher.isPresent() ? plan.data().embeddings() : "",
            new BatchReader.Options(
                plan.seed(),
                plan.network().height(),
                plan.network().width(),
                plan.data().augmentation(),
                plan.data().mixupAlpha(),
                asked),
            plan.data().batchSize(),
            plan.seed());
    if (executors.isPresent()) {
      orders.requireWholeGroups();
    }
    this.trainer =
        executors
            .map(open -> open.apply(set))
            .orElseGet(() -> new LocalEpochs(set, teacher, hadoop, local));
    this.teacherWidth = Teachers.width(asked, teacher, hadoop);
    for (TrainPlan.Stage stage : plan.stages()) {
      InitialCentres.of(stage, hadoop)
          .ifPresent(file -> file.requireShape(faces.identities(), plan.network().embeddingSize()));
    }
    Embeddings embeddings = trainer.embeddings(plan.network());
    this.accuracy =
        TrainingAccuracy.on(embeddings, faces.rowGroups().stream().map(RowGroup::rows).toList());
    this.evaluations = Evaluations.open(plan, embeddings, hadoop);
  }

  /** Trains what is left to train. */
  public Result run() throws IOException {
    return run(Optional.empty());
  }

  /**
   * As {@link #run()}.
   *
   * @param resume a checkpoint of another run, whose position, weights and history this one takes
   *     over when it has no checkpoint of its own
   */
  public Result run(Optional<String> resume) throws IOException {
    MemoryEstimate memory = memory();
    LOG.info("{}", memory);
    if (MemoryEstimate.limit() > 0 && memory.sum() > MemoryEstimate.limit()) {
      LOG.warn(
          "that is more than this JVM may take, {} GiB: lower data.batch-size, or raise"
              + " -Dorg.bytedeco.javacpp.maxphysicalbytes and the container's memory with it",
          MemoryEstimate.limit() >> 30);
    }
    try (StopRequest stop = StopRequest.watch(directory.root(), hadoop)) {
      Going going = new Going(resume, stop);
      try (RunLog log = going.log) {
        return going.on();
      }
    }
  }

  /** One start of the run. */
  private final class Going {
    private final StopRequest stop;
    private final Optional<ModelDirectory> source;
    private final RunState state;
    private final RunLog log;
    private StageNetwork network;
    private Map<String, Double> scores = Map.of();

    Going(Optional<String> resume, StopRequest stop) throws IOException {
      this.stop = stop;
      Optional<String> own = directory.newestCheckpoint();
      this.source = own.or(() -> resume).map(name -> ModelDirectory.open(name, hadoop));
      if (source.isPresent()) {
        TrainingState stored = source.get().state();
        if (own.isPresent()) {
          requireSamePlan(stored);
        }
        this.state = RunState.of(stored);
        this.scores = source.get().card().scores();
        LOG.info(
            "going on after step {} of {} in {}",
            state.position().step(),
            timeline.steps(),
            own.or(() -> resume).orElseThrow());
      } else {
        this.state = RunState.at(timeline.startOf(plan.initial().epoch()));
      }
      this.log = new RunLog(directory.logs(), state.position().step(), hadoop, Clock.systemUTC());
    }

    Result on() throws IOException {
      for (int e = state.position().epoch(); e < timeline.size() && !over(); e++) {
        epoch(timeline.epochs().get(e));
      }
      End end = end();
      if (end != End.STOPPED && !directory.has(directory.model())) {
        if (network == null) {
          // killed between the last checkpoint and the final model
          enter(Math.min(state.position().stage(), plan.stages().size() - 1));
        }
        ModelDirectory.write(directory.model(), card(), network.graph(), hadoop);
      }
      if (network != null) {
        network.close();
      }
      return new Result(
          end,
          state.position().epoch(),
          state.position().step(),
          faces.manifest().rows(),
          faces.identities(),
          directory.model(),
          state.history().values());
    }

    private boolean over() {
      return stop.made() || exhausted();
    }

    private boolean exhausted() {
      int patience = plan.evaluation().patience();
      return patience > 0 && state.epochsSinceBest() >= patience;
    }

    private End end() {
      if (state.position().epoch() >= timeline.size()) {
        return End.FINISHED;
      }
      return exhausted() ? End.EARLY : End.STOPPED;
    }

    /** Makes the network of a stage the one that is trained. */
    private void enter(int stageIndex) throws IOException {
      if (network != null && network.stageIndex() == stageIndex) {
        return;
      }
      TrainPlan.Stage stage = plan.stages().get(stageIndex);
      ComputationGraph graph =
          TrainingGraph.of(plan, stage, faces.identities(), teacherWidth, rate(stage));
      InitialCentres.of(stage, hadoop).ifPresent(file -> file.copyTo(graph));
      if (network != null) {
        network = network.next(stageIndex, graph);
      } else if (source.isPresent()) {
        network = StageNetwork.restored(stageIndex, graph, source.get(), source.get().state());
      } else if (!plan.initial().weights().isEmpty()) {
        String weights = plan.initial().weights();
        Optional<ModelFile> foreign = ModelFile.named(weights);
        network =
            foreign.isPresent()
                ? StageNetwork.ofOthers(stageIndex, graph, foreign.get(), hadoop)
                : StageNetwork.begun(
                    stageIndex,
                    graph,
                    ModelDirectory.open(weights, hadoop),
                    plan.initial().parts());
      } else {
        network = new StageNetwork(stageIndex, graph);
      }
    }

    private void epoch(EpochSpan epoch) throws IOException {
      enter(epoch.stageIndex());
      long done = state.position().stepInEpoch();
      ISchedule rate = rate(epoch.stage());
      BatchOrder order = order(epoch);
      // the count that rate, bias correction and class sampling go by
      long clock = epoch.scheduleEpoch() * order.steps();
      network.graph().getConfiguration().setIterationCount((int) (clock + done));
      Progress progress =
          new Progress(
              "train epoch " + (epoch.index() + 1) + "/" + timeline.size(),
              "images",
              (epoch.steps() - done) * plan.data().batchSize());
      long written = state.position().step();
      try (EpochTrainer.Epoch running =
          trainer.begin(
              new EpochSteps(order, epoch.index(), done, epoch.steps(), epoch.firstStep(), rate))) {
        while (state.position().stepInEpoch() < epoch.steps() && !stop.made()) {
          long step = state.position().step();
          long end = epoch.firstStep() + epoch.steps();
          end = Math.min(end, nextMultiple(step, plan.checkpoint().everySteps()));
          end = Math.min(end, nextMultiple(step, plan.evaluation().everySteps()));
          running.train(
              network.graph(),
              end - epoch.firstStep(),
              new Watch(stop, state, progress, log(epoch.stage())));
          long now = state.position().step();
          boolean epochEnds = state.position().stepInEpoch() == epoch.steps();
          if (!epochEnds && isMultiple(now, plan.evaluation().everySteps())) {
            evaluate(epoch.stage());
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
        return orders.of(epoch.stage());
      }
      return orders
          .mining(epoch.stage())
          .of(epoch.index(), network.graph(), directory.mined(), hadoop);
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
        values.put("accuracy", accuracy.of(network.graph()));
      }
      Map<String, Evaluations.Scored> evaluated = evaluate(epoch.stage());
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
      state.history().write(directory.history(), hadoop);
      Report.refresh(directory.root(), hadoop);
    }

    /** Evaluates, and keeps the model where it is the best so far. */
    private Map<String, Evaluations.Scored> evaluate(TrainPlan.Stage stage) throws IOException {
      if (!evaluations.any() || stage.bottleneckOnly()) {
        return Map.of();
      }
      Map<String, Evaluations.Scored> results = evaluations.of(network.graph());
      scores =
          results.entrySet().stream()
              .collect(
                  Collectors.toMap(
                      Map.Entry::getKey, entry -> entry.getValue().verification().accuracy()));
      log.add("evaluation", state.position().step(), scores);
      if (state.scored(evaluations.chosen(results), plan.evaluation().leastGain())) {
        ModelDirectory.write(directory.best(), card(), network.graph(), hadoop);
        keep(results, directory.evaluations("best"));
      }
      keep(results, directory.evaluations("last"));
      return results;
    }

    /** For the report. */
    private void keep(Map<String, Evaluations.Scored> results, String there) throws IOException {
      String model = directory + " step " + state.position().step();
      for (Evaluations.Scored result : results.values()) {
        EvaluationResult.ofPairs(
                model,
                result.set(),
                result.cosines(),
                result.verification(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
            .write(there, hadoop);
      }
    }

    /** Logs a step's loss now and then. */
    private Consumer<StepLoss> log(TrainPlan.Stage stage) {
      int every = plan.checkpoint().logEverySteps();
      return loss -> {
        long step = state.position().step();
        if (isMultiple(step, every)) {
          try {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("loss", loss.sum());
            loss.heads()
                .forEach((head, own) -> values.put(TrainingGraph.lossName(head, stage), own));
            log.add("step", step, values);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };
    }

    private void checkpoint() throws IOException {
      log.end(state.position().step());
      ModelDirectory.writeCheckpoint(
          directory.checkpoint(state.position().step()),
          card(),
          network.graph(),
          state.stored(network.stageIndex(), plan.fingerprint()),
          hadoop);
      directory.keepNewest(plan.checkpoint().kept());
    }

    private ModelCard card() {
      TrainPlan.Stage stage = plan.stages().get(network.stageIndex());
      return new ModelCard(
          ModelCard.FORMAT,
          plan.network(),
          faces.identities(),
          stage.subCentres(),
          stage.loss().name(),
          stage.taught() ? teacherWidth : 0,
          ModelCard.INPUT,
          Map.of("faces", plan.data().faces(), "rows", Long.toString(faces.manifest().rows())),
          scores);
    }
  }

  private record Watch(StopRequest stop, RunState state, Progress progress, Consumer<StepLoss> log)
      implements EpochTrainer.Watch {
    @Override
    public boolean goesOn() {
      return !stop.made();
    }

    @Override
    public void stepped(int images, StepLoss loss) {
      state.stepped(loss);
      log.accept(loss);
      progress.add(images);
    }
  }

  private static long nextMultiple(long step, int of) {
    return of == 0 ? Long.MAX_VALUE : (step / of + 1) * of;
  }

  private static boolean isMultiple(long step, int of) {
    return of > 0 && step % of == 0;
  }

  private void requireSamePlan(TrainingState state) {
    if (!state.planFingerprint().equals(plan.fingerprint())) {
      throw new UserError(
          "the run was begun with another plan",
          directory.toString(),
          "use the plan it was begun with, another --output, or --fresh to begin anew");
    }
  }

  /** The rate of a stage by the network's own count of steps. */
  private ISchedule rate(TrainPlan.Stage stage) {
    long steps = orders.steps(stage);
    int epochs = timeline.epochs().stream().mapToInt(EpochSpan::scheduleEpoch).max().orElse(0) + 1;
    return new EpochClock(
        plan.schedule().of(stage.optimiser().learningRate(), Math.toIntExact(steps), epochs),
        steps);
  }

  private static String describe(Map<String, Double> values) {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (name, value) -> text.append(String.format(Locale.ROOT, "%s %.5g  ", name, value)));
    return text.toString().strip();
  }

  /** The memory the run needs, estimated before it starts (notes section 2.4). */
  public MemoryEstimate memory() {
    return MemoryEstimate.of(plan, faces.identities(), teacherWidth);
  }
}
