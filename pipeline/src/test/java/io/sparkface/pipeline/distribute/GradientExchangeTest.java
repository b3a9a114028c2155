package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosineHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Several workers with a part of the batch each do what one does with all of it. */
class GradientExchangeTest {
  private static final int BATCH = 12;
  private static final int CLASSES = 5;

  private static ComputationGraph network(IUpdater updater) {
    ComputationGraphConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .dataType(DataType.FLOAT)
            .updater(updater)
            .l2(5e-4)
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.feedForward(6))
            .addLayer(
                "dense", new DenseLayer.Builder().nOut(8).activation(Activation.TANH).build(), "in")
            .addLayer("out", new CosineHead(8, CLASSES, 2, new ArcFace(1, 0.3, 0, 8)), "dense")
            .setOutputs("out")
            .build();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    return graph;
  }

  private static INDArray images(int step) {
    Nd4j.getRandom().setSeed(100 + step);
    return Nd4j.randn(DataType.FLOAT, BATCH, 6);
  }

  private static INDArray labels(int step) {
    INDArray labels = Nd4j.create(DataType.FLOAT, BATCH, 1);
    for (int i = 0; i < BATCH; i++) {
      labels.putScalar(i, 0, (i * 7 + step) % CLASSES);
    }
    return labels;
  }

  private static void fit(ComputationGraph graph, INDArray images, INDArray labels) {
    graph.fit(new MultiDataSet(new INDArray[] {images}, new INDArray[] {labels}));
  }

  private static void assertSameAsOneMachine(IUpdater updater, int workers) throws Exception {
    int steps = 5;
    List<INDArray> images = new ArrayList<>();
    List<INDArray> labels = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      images.add(images(step));
      labels.add(labels(step));
    }
    ComputationGraph whole = network(updater);
    for (int step = 0; step < steps; step++) {
      fit(whole, images.get(step), labels.get(step));
    }
    List<ComputationGraph> replicas = new ArrayList<>();
    List<ServerSocketChannel> sockets = new ArrayList<>();
    List<InetSocketAddress> members = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      replicas.add(network(updater));
      sockets.add(WorkerAddress.listen(InetAddress.getLoopbackAddress(), 0));
      members.add((InetSocketAddress) sockets.get(rank).getLocalAddress());
    }
    byte[] secret = Handshake.newSecret();
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      int own = rank;
      CompletableFuture<Void> future = new CompletableFuture<>();
      done.add(future);
      new Thread(
              () -> {
                try (Ring ring =
                    Ring.join(
                        own,
                        members,
                        sockets.get(own),
                        new Handshake(secret),
                        Duration.ofSeconds(60))) {
                  ComputationGraph graph = replicas.get(own);
                  graph.setUpdater(
                      new GradientExchange(
                          graph,
                          graph.getUpdater().getStateViewArray(),
                          ring,
                          BATCH,
                          Double.POSITIVE_INFINITY,
                          doing -> {}));
                  // uneven on purpose: 5 and 7 images of 12
                  int from = own == 0 ? 0 : own * BATCH / workers - 1;
                  int to = own == workers - 1 ? BATCH : (own + 1) * BATCH / workers - 1;
                  for (int step = 0; step < steps; step++) {
                    fit(
                        graph,
                        images.get(step).get(NDArrayIndex.interval(from, to)).dup('c'),
                        labels.get(step).get(NDArrayIndex.interval(from, to)).dup('c'));
                  }
                  future.complete(null);
                } catch (Throwable e) {
                  future.completeExceptionally(e);
                }
              })
          .start();
    }
    CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).get();
    for (ComputationGraph replica : replicas) {
      assertThat(replica.params().equalsWithEps(replicas.get(0).params(), 0))
          .as("replicas have the same bits")
          .isTrue();
      assertThat(replica.params().equalsWithEps(whole.params(), 2e-5)).isTrue();
    }
    assertThat(whole.params().equalsWithEps(network(updater).params(), 1e-2))
        .as("something was trained")
        .isFalse();
  }

  @Test
  void twoWorkersWithMomentum() throws Exception {
    assertSameAsOneMachine(new Nesterovs(0.1, 0.9), 2);
  }

  @Test
  void threeWorkersWithAdam() throws Exception {
    assertSameAsOneMachine(new Adam(0.01), 3);
  }
}
