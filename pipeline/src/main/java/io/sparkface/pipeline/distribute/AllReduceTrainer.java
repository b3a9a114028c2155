package io.sparkface.pipeline.distribute;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.optim.GradientClipping;
import io.sparkface.models.optim.SharpnessAwareStep;
import io.sparkface.pipeline.plan.Distribution;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag$;

/**
 * Synchronous training on executors: one {@link Worker} on each, in one stage of Spark's barrier
 * mode per part of an epoch, so that either all run or none. With {@link
 * Distribution.Mode#ALL_REDUCE} a step is that of one machine with the whole batch, but for batch
 * normalisation, which sees a worker's share; with {@link Distribution.Mode#AVERAGING} workers
 * train by themselves and take the mean of their parameters every few steps.
 *
 * <p>The driver's graph changes only when a part has been trained and checked: images counted,
 * replicas the same bit for bit, values finite, parameters moved. After the loss of an executor the
 * part is begun again from there.
 */
public final class AllReduceTrainer implements EpochTrainer {
  private static final Logger LOG = LoggerFactory.getLogger(AllReduceTrainer.class);
  private static final Duration TICK = Duration.ofSeconds(1);

  /** How long after one worker's end the cause may still come in from another. */
  private static final Duration CAUSE = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final Distribution distribution;
  private final TrainingSet set;
  private final Executors executors;
  private final SerializableConfiguration hadoop;
  private ComputationGraph shipped;
  private String networkId;

  public AllReduceTrainer(JavaSparkContext spark, Distribution distribution, TrainingSet set) {
    this.spark = spark;
    this.distribution = distribution;
    this.set = set;
    this.hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    this.executors = new Executors(spark, distribution);
    Executors.requireFixed(spark.getConf());
  }

  @Override
  public Embeddings embeddings(NetworkSpec network) {
    return new ExecutorEmbeddings(spark, set, network, distribution.threads());
  }

  @Override
  public Epoch begin(EpochSteps epoch) {
    return new Epoch() {
      private long next = epoch.first();

      @Override
      public void train(ComputationGraph graph, long end, Watch watch) {
        if (!watch.goesOn()) {
          return;
        }
        StepLoss loss =
            trained(
                graph,
                new WorkOrder.Input(set, epoch.order(), epoch.epoch(), next, end, epoch.before()),
                epoch.learningRate());
        for (; next < end; next++) {
          watch.stepped(set.batchSize(), loss);
        }
      }

      @Override
      public void close() {
        // every stage of Spark's is over when train returns
      }
    };
  }

  private static double rate(WorkOrder order) {
    return order.network().learningRate().valueAt(order.network().iteration(), 0);
  }

  /** Trains in as many attempts as it takes and returns the mean loss. */
  private StepLoss trained(ComputationGraph graph, WorkOrder.Input input, ISchedule learningRate) {
    for (int attempt = 1; ; attempt++) {
      int workers = executors.await();
      requireShares(set.batchSize(), workers);
      try {
        return attempt(graph, order(graph, input, learningRate), workers);
      } catch (LostPeerException lost) {
        if (attempt > distribution.retries()) {
          throw new UserError(
              "an executor was lost " + attempt + " times in a row: " + lost.getMessage(),
              "epoch " + (input.epoch() + 1) + ", step " + (input.first() + 1) + " of it",
              "see the executor's own log; where it was killed for its memory, raise"
                  + " spark.executor.memoryOverhead; run the same command again to go on from the"
                  + " last checkpoint",
              lost);
        }
        LOG.warn(
            "beginning again at step {} of epoch {}, attempt {} of {}: {}",
            input.first() + 1,
            input.epoch() + 1,
            attempt + 1,
            distribution.retries() + 1,
            lost.getMessage());
      }
    }
  }

  private static void requireShares(int batchSize, int workers) {
    if (batchSize < 2 * workers) {
      throw new UserError(
          workers
              + " workers cannot share a batch of "
              + batchSize
              + ": batch normalisation needs two images each",
          "data.batch-size",
          "raise data.batch-size, which counts the images of a step over all workers, or lower"
              + " distribute.workers");
    }
  }

  private WorkOrder order(ComputationGraph graph, WorkOrder.Input input, ISchedule learningRate) {
    if (shipped != graph) {
      shipped = graph;
      networkId = UUID.randomUUID().toString();
    }
    return new WorkOrder(
        null,
        Handshake.newSecret(),
        distribution,
        new WorkOrder.Network(
            networkId,
            graph.getConfiguration(),
            learningRate,
            graph.getConfiguration().getIterationCount(),
            SharpnessAwareStep.of(graph).map(SharpnessAwareStep::radius).orElse(0.0),
            GradientClipping.globalNorm(graph)),
        input,
        hadoop);
  }

  private StepLoss attempt(ComputationGraph graph, WorkOrder order, int workers)
      throws LostPeerException {
    INDArray state = graph.getUpdater().getStateViewArray();
    INDArray newParameters = Nd4j.createUninitialized(DataType.FLOAT, graph.params().length());
    INDArray newState =
        state == null ? null : Nd4j.createUninitialized(DataType.FLOAT, state.length());
    LostExecutors lost = new LostExecutors();
    spark.sc().addSparkListener(lost);
    try (Coordinator coordinator =
        new Coordinator(
            driverAddress(),
            new Handshake(order.secret()),
            workers,
            Worker.vectors(graph.params(), state),
            Worker.vectors(newParameters, newState))) {
      String host = spark.getConf().get("spark.driver.host");
      JavaFutureAction<List<Integer>> stage =
          submit(order.from(new WorkOrder.Driver(host, coordinator.port())), workers);
      Progress progress =
          new Progress(
              "train epoch " + (order.input().epoch() + 1) + " on " + workers + " workers",
              "images",
              order.input().steps() * set.batchSize());
      Attempt attempt = new Attempt(order, workers, distribution.timeout(), progress::add);
      try {
        follow(attempt, coordinator, stage, lost);
      } finally {
        stage.cancel(true);
      }
      attempt.check(graph.paramTable().keySet());
      accept(graph, order, newParameters, newState);
      return attempt.loss();
    } catch (LostPeerException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("the driver cannot listen for workers", e);
    } finally {
      spark.sc().removeSparkListener(lost);
      newParameters.close();
      if (newState != null) {
        newState.close();
      }
    }
  }

  private InetSocketAddress driverAddress() {
    String host =
        spark.getConf().get("spark.driver.bindAddress", spark.getConf().get("spark.driver.host"));
    return new InetSocketAddress(host, 0);
  }

  private JavaFutureAction<List<Integer>> submit(WorkOrder order, int workers) {
    LOG.info(
        "{} workers train {}; the driver listens on {}:{}",
        workers,
        order,
        order.driver().host(),
        order.driver().port());
    List<Integer> ranks = IntStream.range(0, workers).boxed().toList();
    return spark
        .parallelize(new ArrayList<>(ranks), workers)
        .rdd()
        .barrier()
        .mapPartitions(new Worker(order), false, ClassTag$.MODULE$.apply(Integer.class))
        .toJavaRDD()
        .collectAsync();
  }

  private void follow(
      Attempt attempt,
      Coordinator coordinator,
      JavaFutureAction<List<Integer>> stage,
      LostExecutors lost)
      throws LostPeerException {
    try {
      while (!attempt.finished()) {
        Optional<Coordinator.Event> event = coordinator.next(TICK);
        if (event.isPresent()) {
          attempt.happened(event.get());
        }
        if (attempt.failed() && attempt.sinceFailure().compareTo(CAUSE) > 0
            || attempt.causeKnown()) {
          throw attempt.failure();
        }
        if (stage.isDone() && event.isEmpty() && !attempt.finished()) {
          if (attempt.failed()) {
            // Spark gave its stage up before the time for a better cause was over
            throw attempt.failure();
          }
          requireWhole(stage, lost);
        }
        if (event.isEmpty() && !attempt.begun() && executors.fewerThan(attempt.workers())) {
          // Spark would wait for another one, however long
          throw new LostPeerException("an executor was lost before the workers began");
        }
        attempt.requireProgress();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while workers train", e);
    }
  }

  /** Tells why Spark's stage is over although workers are not, none of which said why. */
  private static void requireWhole(JavaFutureAction<List<Integer>> stage, LostExecutors lost)
      throws LostPeerException, InterruptedException {
    try {
      stage.get();
    } catch (ExecutionException | CancellationException e) {
      Optional<String> loss = lost.under(stage.jobIds().get(0), CAUSE);
      if (loss.isPresent()) {
        throw new LostPeerException(loss.get(), e);
      }
      throw stageFailed(e);
    }
    throw new LostPeerException("Spark's stage is over before all workers are");
  }

  private static UserError stageFailed(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String text = String.valueOf(cause.getMessage());
    return new UserError(
        "Spark could not run the workers: " + text.lines().findFirst().orElse(text),
        "the executors",
        "see that each executor can reach the driver (spark.driver.host, firewalls) and has a free"
            + " core for its worker; the executors' logs say more",
        cause);
  }

  private static void accept(
      ComputationGraph graph, WorkOrder order, INDArray newParameters, INDArray newState) {
    if (newParameters.isNaN().any() || newParameters.isInfinite().any()) {
      throw new UserError(
          "parameters are not finite any more",
          "epoch " + (order.input().epoch() + 1),
          "lower optimiser.learning-rate and go on from the last checkpoint");
    }
    INDArray parameters = graph.params().reshape(graph.params().length());
    if (rate(order) > 0 && parameters.equalsWithEps(newParameters, 0)) {
      throw new IllegalStateException(
          "no parameter moved in " + order.input().steps() + " steps; nothing was trained");
    }
    parameters.assign(newParameters);
    if (newState != null) {
      INDArray state = graph.getUpdater().getStateViewArray();
      state.assign(newState.reshape(state.shape()));
    }
    graph
        .getConfiguration()
        .setIterationCount(Math.toIntExact(order.network().iteration() + order.input().steps()));
  }
}
