package io.sparkface.pipeline.distribute;

import io.sparkface.models.optim.GradientClipping;
import io.sparkface.pipeline.input.EpochBatches;
import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.input.Seeds;
import io.sparkface.pipeline.plan.Distribution;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * What one executor does for a part of an epoch: takes its place in the ring, gets the parameters,
 * trains on its share of every step, and tells the driver how it goes.
 */
final class Worker extends AbstractFunction1<Iterator<Integer>, Iterator<Integer>>
    implements Serializable {
  /** The driver takes a worker for lost when it hears nothing for so long. */
  static final Duration SILENCE = Duration.ofSeconds(60);

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final int CONNECT_MILLIS = 30_000;
  private static final long BEAT_MILLIS = 500;

  private final WorkOrder order;

  Worker(WorkOrder order) {
    this.order = order;
  }

  @Override
  public Iterator<Integer> apply(Iterator<Integer> ranks) {
    BarrierTaskContext context = BarrierTaskContext.get();
    if (context.stageAttemptNumber() > 0) {
      // the driver has begun anew by itself, or given up
      throw new IllegalStateException("this attempt is over");
    }
    new Shift(context).work();
    return ranks;
  }

  /** The worker while it works. */
  private final class Shift {
    private final BarrierTaskContext context;
    private final int rank;
    private final Phases phases = new Phases("starting");
    private volatile long steps;
    private volatile long images;
    private volatile double loss;
    private final Map<String, Double> headLosses = new LinkedHashMap<>();
    private final ImageTally trained = new ImageTally();

    Shift(BarrierTaskContext context) {
      this.context = context;
      this.rank = context.partitionId();
    }

    void work() {
      Handshake handshake = new Handshake(order.secret());
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(order.driver().host(), order.driver().port()), CONNECT_MILLIS);
        socket.setTcpNoDelay(true);
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
        handshake.call(in, out, rank);
        try {
          report(handshake, in, out);
        } catch (IOException | RuntimeException | Error e) {
          LOG.error("worker {} failed while {}", rank, phases.now(), e);
          Report.Failed.of(e).writeTo(out);
          throw e;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "worker " + rank + " on " + WorkerAddress.hostName() + ": " + e.getMessage(), e);
      }
    }

    private void report(Handshake handshake, DataInputStream in, DataOutputStream out)
        throws IOException {
      Distribution how = order.distribution();
      String sparkHost = SparkEnv.get().blockManager().blockManagerId().host();
      InetAddress address = WorkerAddress.choose(how.network(), sparkHost);
      ServerSocketChannel listening = WorkerAddress.listen(address, how.port());
      WorkerAddress own =
          new WorkerAddress(
              SparkEnv.get().executorId(),
              WorkerAddress.hostName(),
              address.getHostAddress(),
              listening.socket().getLocalPort());
      // not by Spark's allGather, which takes a second
      new Report.Listening(own.encode()).writeTo(out);
      List<WorkerAddress> all = new ArrayList<>();
      int workers = in.readInt();
      for (int other = 0; other < workers; other++) {
        all.add(WorkerAddress.decode(in.readUTF()));
      }
      WorkerAddress.requireReachable(all);
      if (!SparkEnv.get().executorId().equals("driver")) {
        WorkerAddress.requireOnePerExecutor(all);
      }
      int threads = threads(all, own);
      Device device = Device.of(context);
      new Report.Joined(own.executor(), own.host(), own.socket().toString(), threads, device.name())
          .writeTo(out);
      try (Ring ring =
          Ring.join(
              rank,
              all.stream().map(WorkerAddress::socket).toList(),
              listening,
              handshake,
              how.timeout())) {
        Replica replica = Replica.of(rank, order.network().id());
        try {
          Future<Report.Finished> result =
              replica.submit(
                  () -> {
                    device.use();
                    return train(replica, ring, threads, in);
                  });
          Report.Finished finished = await(result, ring, out);
          finished.writeTo(out);
          if (rank == 0) {
            replica.submit(() -> send(replica, out)).get();
          }
        } catch (ExecutionException e) {
          replica.discard();
          throw unwrapped(e.getCause());
        } catch (InterruptedException e) {
          replica.discard();
          Thread.currentThread().interrupt();
          throw new LostPeerException("the task was interrupted", e);
        }
      }
    }

    /** Sends signs of life until the replica is done; ends it when Spark wants the task to end. */
    private Report.Finished await(Future<Report.Finished> result, Ring ring, DataOutputStream out)
        throws IOException, InterruptedException, ExecutionException {
      while (true) {
        try {
          return result.get(BEAT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException notYet) {
          if (context.isInterrupted()) {
            ring.close();
            throw new InterruptedException("the task was cancelled");
          }
          new Report.Beat(steps, images, loss, phases.now()).writeTo(out);
        }
      }
    }

    private Report.Finished train(Replica replica, Ring ring, int threads, DataInputStream in)
        throws IOException {
      phases.at("building the network");
      ComputationGraph graph = replica.graph(order.network(), threads);
      INDArray state = graph.getUpdater().getStateViewArray();
      phases.at("receiving parameters");
      for (HostFloats vector : vectors(graph.params(), state)) {
        if (rank == 0) {
          FloatStream.read(vector, in);
        }
        ring.broadcast(vector);
      }
      graph.getConfiguration().setIterationCount(order.network().iteration());
      graph.setLearningRate(order.network().learningRate());
      SparseSum sparse = sparse(graph, ring);
      boolean gradients = order.distribution().mode() != Distribution.Mode.AVERAGING;
      WorkOrder.Input input = order.input();
      if (gradients) {
        // after setLearningRate, which puts an updater of DL4J's own in place
        graph.setUpdater(
            new GradientExchange(
                graph,
                graph.getUpdater().getStateViewArray(),
                sparse == null ? ring : sparse,
                input.set().batchSize(),
                order.network().mostNorm(),
                phases::at));
      }
      HeadStates heads = new HeadStates(graph, ring);
      phases.at("opening the face set");
      if (!gradients && GradientClipping.globalNorm(graph) != order.network().mostNorm()) {
        new GradientClipping.GlobalNorm(order.network().mostNorm())
            .listener()
            .ifPresent(graph::addListeners);
      }
      Share share = new Share(rank, ring.size());
      try (EpochBatches batches =
          new EpochBatches(
              replica.reader(input.set(), order.hadoop().value()),
              share.of(input.order()),
              input.epoch(),
              input.first(),
              input.end())) {
        for (long step = input.first(); step < input.end(); step++) {
          phases.at("waiting for images");
          FaceBatch batch = batches.next();
          phases.at("computing");
          if (sparse != null && step == input.end() - 1) {
            sparse.settle();
          }
          step(graph, batch, input.before() + step);
          if (gradients) {
            phases.at("merging what heads remember");
            heads.merge();
          } else if (steps % order.distribution().frequency() == 0) {
            average(graph, heads, ring);
          }
        }
      }
      if (sparse != null) {
        sparse.close();
      }
      phases.at("merging");
      if (!gradients) {
        average(graph, heads, ring);
      }
      LocalStatistics.merge(graph, ring);
      phases.at("comparing replicas");
      List<Long> checksums = checksums(graph);
      phases.at("done");
      return new Report.Finished(
          steps,
          images,
          trained.sum(),
          loss,
          headLosses,
          rates(graph),
          heads(graph),
          ring.sent(),
          phases.seconds(),
          checksums);
    }

    /** Asked of what really updates the weights: DL4J replaces rates only where it finds them. */
    private static List<Double> rates(ComputationGraph graph) {
      int last = graph.getConfiguration().getIterationCount() - 1;
      return graph.getUpdater().getUpdaterBlocks().stream()
          .map(block -> block.getGradientUpdater().getConfig().getLearningRate(last, 0))
          // of what no optimiser moves
          .filter(rate -> !Double.isNaN(rate))
          .distinct()
          .sorted()
          .toList();
    }

    private static List<String> heads(ComputationGraph graph) {
      return graph.getConfiguration().getNetworkOutputs().stream()
          .map(name -> graph.getLayer(name).conf().getLayer().toString())
          .toList();
    }

    /** Null where all of a gradient is sent. */
    private SparseSum sparse(ComputationGraph graph, Ring ring) {
      if (order.distribution().mode() != Distribution.Mode.GRADIENT_SHARING || ring.size() == 1) {
        return null;
      }
      Distribution.Sharing how = order.distribution().sharing();
      GradientSegments segments = GradientSegments.of(graph, how.threshold());
      return new SparseSum(
          ring, how, graph.params().length(), segments.encoded(), segments.exact());
    }

    private void step(ComputationGraph graph, FaceBatch batch, long step) {
      // as in one JVM, but different on each worker
      long seed = Seeds.of(order.input().set().seed(), step);
      Nd4j.getRandom().setSeed(rank == 0 ? seed : Seeds.of(seed, rank));
      StepLoss score = TrainingStep.take(graph, batch);
      if (!Double.isFinite(score.sum())) {
        throw NotFinite.error(score.sum(), step, batch.origin(), order.input().set());
      }
      images += batch.size();
      trained.add(batch.origin());
      loss += score.sum() * batch.size();
      score.heads().forEach((head, own) -> headLosses.merge(head, own * batch.size(), Double::sum));
      steps++;
    }

    private void average(ComputationGraph graph, HeadStates heads, Ring ring) throws IOException {
      phases.at("averaging");
      heads.merge();
      for (HostFloats vector : vectors(graph.params(), graph.getUpdater().getStateViewArray())) {
        ring.sum(vector);
      }
      graph.params().divi(ring.size());
      INDArray state = graph.getUpdater().getStateViewArray();
      if (state != null) {
        state.divi(ring.size());
      }
    }

    private Void send(Replica replica, DataOutputStream out) throws IOException {
      ComputationGraph graph = replica.graph(order.network(), 1);
      for (HostFloats vector : vectors(graph.params(), graph.getUpdater().getStateViewArray())) {
        FloatStream.write(vector, out);
      }
      return null;
    }

    private List<Long> checksums(ComputationGraph graph) {
      List<Long> sums = new ArrayList<>();
      for (INDArray parameter : graph.paramTable().values()) {
        CRC32C sum = new CRC32C();
        // dup: a parameter may be a view in column order
        HostFloats bytes = HostFloats.of(parameter.dup('c').reshape(parameter.length()));
        for (long from = 0; from < bytes.length(); from += 1 << 20) {
          ByteBuffer piece = bytes.bytes(from, Math.min(bytes.length(), from + (1 << 20)));
          sum.update(piece);
        }
        sums.add(sum.getValue());
      }
      return sums;
    }

    private int threads(List<WorkerAddress> all, WorkerAddress own) {
      if (order.distribution().threads() > 0) {
        return order.distribution().threads();
      }
      int cores = SparkEnv.get().conf().getInt("spark.executor.cores", 0);
      long here = all.stream().filter(other -> other.host().equals(own.host())).count();
      return cores > 0
          ? cores
          : (int) Math.max(1, Runtime.getRuntime().availableProcessors() / here);
    }
  }

  /** What defines a replica: its parameters, and its optimiser's state where that has one. */
  static List<HostFloats> vectors(INDArray parameters, INDArray state) {
    List<HostFloats> found = new ArrayList<>();
    found.add(HostFloats.of(parameters.reshape(parameters.length())));
    if (state != null) {
      found.add(HostFloats.of(state.reshape(state.length())));
    }
    return found;
  }

  private static RuntimeException unwrapped(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof RuntimeException known) {
      return known;
    }
    return cause instanceof IOException io
        ? new UncheckedIOException(io)
        : new IllegalStateException(cause);
  }
}
