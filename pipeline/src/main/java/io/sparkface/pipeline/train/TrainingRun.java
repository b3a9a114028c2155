package io.sparkface.pipeline.train;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.checkpoint.TrainingState;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.distribute.LocalTrainer;
import io.sparkface.pipeline.distribute.Trainer;
import io.sparkface.pipeline.embed.GraphEmbedder;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import io.sparkface.pipeline.input.EpochBatches;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a plan into a run directory: {@code checkpoints/epoch-NNNN}, {@code best}, {@code model}
 * (the last epoch's), {@code history.json}. Started again on the same directory it goes on after
 * the newest complete checkpoint, or, when the run is complete, trains nothing.
 */
public final class TrainingRun {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainPlan plan;
  private final String fingerprint;
  private final RunDirectory directory;
  private final Configuration hadoop;
  private final FaceSet faces;
  private final Optional<EmbeddingSet> teacher;
  private final List<PairSet> pairSets;
  private final Trainer trainer = new LocalTrainer();

  /**
   * What a run came to.
   *
   * @param epochs epochs trained, also in earlier starts
   * @param images in the training set
   * @param identities in the training set
   * @param model directory of the last epoch's model
   * @param history one value per epoch (spec 6.2)
   */
  public record Result(
      int epochs, long images, int identities, String model, Map<String, List<Double>> history) {}

  /** Opens every input; a {@link UserError} names the first that is missing or does not fit. */
  public TrainingRun(TrainPlan plan, String fingerprint, String output, Configuration hadoop) {
    this.plan = plan;
    this.fingerprint = fingerprint;
    this.hadoop = hadoop;
    this.directory = new RunDirectory(new Path(output), hadoop);
    if (plan.data().faces().isEmpty()) {
      throw new UserError(
          "no training set is named", "data.faces", "set data.faces in the plan or by --set");
    }
    this.faces = FaceSet.open(new Path(plan.data().faces()), hadoop);
    EpochBatches.steps(faces, plan.data().batchSize());
    if (plan.distils() && plan.data().embeddings().isEmpty()) {
      throw new UserError(
          "a stage has distill above 0, but no teacher embeddings are named",
          "data.embeddings",
          "run distill on the same set and set data.embeddings");
    }
    this.teacher =
        plan.distils()
            ? Optional.of(EmbeddingSet.open(new Path(plan.data().embeddings()), faces, hadoop))
            : Optional.empty();
    this.pairSets = plan.evaluate().stream().map(set -> PairSet.open(set, hadoop)).toList();
  }

  /** Trains what is left to train. */
  public Result run() throws IOException {
    Optional<String> newest = directory.newestCheckpoint();
    Optional<ModelDirectory> start = newest.map(name -> ModelDirectory.open(name, hadoop));
    Optional<TrainingState> before = start.map(ModelDirectory::state);
    before.ifPresent(this::requireSamePlan);
    int done = before.map(TrainingState::epoch).orElse(0);
    History history = before.map(s -> History.of(s.history())).orElseGet(History::new);
    if (done > 0) {
      LOG.info("going on after epoch {} of {} in {}", done, plan.epochs(), newest.get());
    }
    double best = before.map(TrainingState::bestAccuracy).orElse(0.0);
    long step = before.map(TrainingState::step).orElse(0L);
    ComputationGraph graph = null;
    int first = 0;
    for (int s = 0; s < plan.stages().size(); s++) {
      TrainPlan.Stage stage = plan.stages().get(s);
      int last = first + stage.epochs();
      if (done >= last) {
        first = last;
        continue;
      }
      ComputationGraph next = TrainingGraph.of(plan, stage, faces.identities(), teacherWidth());
      if (graph != null) {
        StageChange.carryOver(graph, next);
      } else if (start.isPresent()) {
        restore(start.get(), before.orElseThrow(), s, next);
      }
      graph = next;
      ModelCard card = card(stage);
      for (int epoch = Math.max(first, done); epoch < last; epoch++) {
        double rate = LearningRate.of(plan.optimiser(), plan.schedule(), epoch);
        graph.setLearningRate(rate);
        Trainer.EpochResult result = epoch(graph, epoch);
        step += result.steps();
        history.add("lr", rate);
        history.add("loss", result.loss());
        history.add(
            "accuracy", new TrainingAccuracy(faces, plan, hadoop).of(graph, stage.subCentres()));
        Map<String, Double> scores = evaluate(graph, history);
        ModelCard scored = card.withScores(scores);
        double chosen =
            pairSets.isEmpty() ? 0 : scores.get(pairSets.get(pairSets.size() - 1).name());
        if (!pairSets.isEmpty() && chosen >= best) {
          best = chosen;
          ModelDirectory.write(directory.best(), scored, graph, hadoop);
        }
        TrainingState state =
            new TrainingState(epoch + 1, s, step, fingerprint, best, history.values());
        ModelDirectory.writeCheckpoint(
            directory.checkpoint(epoch + 1), scored, graph, state, hadoop);
        directory.keepNewest(plan.checkpointsKept());
        history.write(directory.history(), hadoop);
        if (epoch + 1 == plan.epochs()) {
          ModelDirectory.write(directory.model(), scored, graph, hadoop);
        }
        LOG.info("epoch {}/{} {}", epoch + 1, plan.epochs(), describe(history));
      }
      first = last;
    }
    if (graph != null) {
      graph.close();
    } else if (!directory.has(directory.model())) {
      // killed between the last checkpoint and the final model
      restoreModel(start.orElseThrow());
    }
    return new Result(
        plan.epochs(),
        faces.manifest().rows(),
        faces.identities(),
        directory.model(),
        history.values());
  }

  private void requireSamePlan(TrainingState state) {
    if (!state.planFingerprint().equals(fingerprint)) {
      throw new UserError(
          "the run was begun with another plan",
          directory.toString(),
          "use the plan it was begun with, another --output, or --fresh to begin anew");
    }
  }

  private int teacherWidth() {
    return teacher.map(EmbeddingSet::width).orElse(0);
  }

  private void restore(
      ModelDirectory checkpoint, TrainingState state, int stage, ComputationGraph graph)
      throws IOException {
    if (state.stage() == stage) {
      checkpoint.restore(graph);
      checkpoint.restoreUpdater(graph);
    } else {
      StageChange.carryOver(checkpoint.weights(), graph);
    }
  }

  private void restoreModel(ModelDirectory checkpoint) throws IOException {
    TrainPlan.Stage stage = plan.stages().get(plan.stages().size() - 1);
    ComputationGraph graph = TrainingGraph.of(plan, stage, faces.identities(), teacherWidth());
    checkpoint.restore(graph);
    ModelDirectory.write(directory.model(), checkpoint.card(), graph, hadoop);
  }

  private Trainer.EpochResult epoch(ComputationGraph graph, int epoch) {
    EpochBatches.Options options =
        new EpochBatches.Options(
            plan.seed(),
            plan.data().batchSize(),
            plan.network().height(),
            plan.network().width(),
            plan.data().flip());
    long steps = EpochBatches.steps(faces, plan.data().batchSize());
    Progress progress =
        new Progress(
            "train epoch " + (epoch + 1) + "/" + plan.epochs(),
            "images",
            steps * plan.data().batchSize());
    try (EpochBatches batches = new EpochBatches(faces, teacher, options, epoch, hadoop)) {
      Trainer.EpochResult result =
          trainer.epoch(graph, batches, (images, loss) -> progress.add(images));
      if (result.steps() != steps) {
        throw new IllegalStateException("took " + result.steps() + " of " + steps + " steps");
      }
      LOG.info("{} images/s", String.format(java.util.Locale.ROOT, "%.1f", progress.rate()));
      return result;
    }
  }

  private Map<String, Double> evaluate(ComputationGraph graph, History history) {
    Map<String, Double> scores = new LinkedHashMap<>();
    try (GraphEmbedder embedder = GraphEmbedder.inside(graph, plan.network())) {
      for (PairSet set : pairSets) {
        Verification result = set.verify(embedder, PairSet.Flip.SUM);
        history.add(set.name(), result.accuracy());
        history.add(set.name() + "_thresh", result.threshold());
        scores.put(set.name(), result.accuracy());
      }
    }
    return scores;
  }

  private ModelCard card(TrainPlan.Stage stage) {
    return new ModelCard(
        ModelCard.FORMAT,
        plan.network(),
        faces.identities(),
        stage.subCentres(),
        stage.margin(),
        stage.distill() > 0 ? teacherWidth() : 0,
        ModelCard.INPUT,
        Map.of("faces", plan.data().faces(), "rows", Long.toString(faces.manifest().rows())),
        Map.of());
  }

  private static String describe(History history) {
    StringBuilder text = new StringBuilder();
    history
        .values()
        .forEach(
            (name, list) ->
                text.append(
                    String.format(
                        java.util.Locale.ROOT, "%s %.5g  ", name, list.get(list.size() - 1))));
    return text.toString().strip();
  }

  /** The memory the run needs, estimated before it starts (notes section 2.4). */
  public MemoryEstimate memory() {
    int most = plan.stages().stream().mapToInt(TrainPlan.Stage::subCentres).max().orElse(1);
    return MemoryEstimate.of(plan, faces.identities(), most);
  }

  static INDArray centres(ComputationGraph graph) {
    return graph.paramTable().get(TrainingGraph.CENTRES);
  }
}
