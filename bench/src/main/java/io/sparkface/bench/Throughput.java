package io.sparkface.bench;

import io.sparkface.models.Embedding;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import io.sparkface.models.interop.onnx.NetworkExport;
import io.sparkface.models.interop.onnx.PixelInput;
import io.sparkface.models.kernels.KernelProfile;
import io.sparkface.models.kernels.Precision;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.optim.ClassicMomentum;
import io.sparkface.models.schedule.Constant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Images per second of training or embedding on random pictures, and of PyTorch (for embedding:
 * PyTorch or onnxruntime, whichever is faster) doing the same right after. The last line is {@code
 * ours=… peer=… ratio=… peak_mib=…}.
 */
@Command(name = "bench/run", mixinStandardHelpOptions = true, sortOptions = false)
final class Throughput implements Callable<Integer> {
  private static final int WARM_UP = 60;
  private static final long WARM_UP_NANOS = 10_000_000_000L;

  private enum Task {
    train,
    embed
  }

  @Parameters(index = "0", description = "train or embed")
  private Task task;

  @Option(names = "--net", defaultValue = "mobilefacenet", description = "network")
  private String net;

  @Option(names = "--batch", defaultValue = "32", description = "images per step")
  private int batch;

  @Option(names = "--classes", defaultValue = "1000", description = "identities of the head")
  private int classes;

  @Option(names = "--embedding", defaultValue = "256", description = "embedding size")
  private int embedding;

  @Option(names = "--threads", defaultValue = "2", description = "set for OpenMP by bench/run")
  private int threads;

  @Option(names = "--repeats", defaultValue = "5", description = "timings, of which the median")
  private int repeats;

  @Option(names = "--steps", defaultValue = "8", description = "steps per timing")
  private int steps;

  @Option(names = "--precision", defaultValue = "float32", description = "float32 or bf16")
  private Precision precision;

  @Option(names = "--peer-python", description = "a Python with torch")
  private Path peerPython;

  @Option(names = "--peer-script", description = "the peer's program")
  private Path peerScript;

  @Option(names = "--peer-embed-script", description = "the peers' program for embedding")
  private Path peerEmbedScript;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Throughput()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ComputationGraph graph = graph();
    INDArray images = Nd4j.rand(DataType.FLOAT, batch, 112, 112, 3);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, 1);
    for (int i = 0; i < batch; i++) {
      labels.putScalar(i, 0, i % classes);
    }
    DataSet faces = new DataSet(images, labels);
    Runnable step = task == Task.train ? () -> graph.fit(faces) : embedding(graph, images);
    double ours = median(step);
    long peak = Memory.peakMebibytes();
    String line = String.format(Locale.ROOT, "ours=%.1f", ours);
    if (peerPython != null) {
      double peer = peer(graph);
      line += String.format(Locale.ROOT, " peer=%.1f ratio=%.2f", peer, ours / peer);
    }
    System.out.println(line + " peak_mib=" + peak);
    return 0;
  }

  private Runnable embedding(ComputationGraph graph, INDArray images) {
    Embedding network = new Embedding(graph, network());
    return () -> network.of(images);
  }

  private NetworkSpec network() {
    return NetworkSpec.of(net, "GDC", embedding);
  }

  private ComputationGraph graph() {
    NeuralNetConfiguration.Builder training =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .dataType(DataType.FLOAT)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
            .updater(new ClassicMomentum(new Constant(0.1), 0.9));
    GraphBuilder builder =
        training
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(InputType.convolutional(112, 112, 3, CNN2DFormat.NHWC));
    String vertex = Networks.addTo(builder, network(), "images");
    Networks.computeIn(builder, precision);
    CosineHead head = new CosineHead(embedding, classes, 1, new ArcFace(1, 0.5, 0, 64));
    builder.addLayer("arcface", head, vertex).setOutputs("arcface");
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    return graph;
  }

  private double median(Runnable step) {
    // the first steps compile primitives and Java alike; of long ones few are enough
    long begun = System.nanoTime();
    for (int i = 0; i < WARM_UP && (i < 3 || System.nanoTime() - begun < WARM_UP_NANOS); i++) {
      step.run();
    }
    KernelProfile.take();
    double[] rates = new double[repeats];
    double total = 0;
    for (int repeat = 0; repeat < repeats; repeat++) {
      long started = System.nanoTime();
      for (int i = 0; i < steps; i++) {
        step.run();
      }
      double seconds = (System.nanoTime() - started) / 1e9;
      total += seconds;
      rates[repeat] = steps * batch / seconds;
    }
    report(KernelProfile.take(), total * 1000 / (steps * repeats), steps * repeats);
    System.out.println(
        "rates "
            + Arrays.stream(rates).mapToObj(r -> String.format(Locale.ROOT, "%.1f", r)).toList());
    Arrays.sort(rates);
    return rates[repeats / 2];
  }

  private static void report(Map<String, Double> profile, double stepMillis, int count) {
    double kernels = profile.values().stream().mapToDouble(ms -> ms / count).sum();
    profile.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(
            e ->
                System.out.printf(Locale.ROOT, "%9.2f ms  %s%n", e.getValue() / count, e.getKey()));
    System.out.printf(
        Locale.ROOT,
        "step %.1f ms, outside kernels and head %.1f ms (%.1f%%)%n",
        stepMillis,
        stepMillis - kernels,
        100 * (stepMillis - kernels) / stepMillis);
  }

  private double peer(ComputationGraph graph) throws IOException, InterruptedException {
    return task == Task.train
        ? alike(new Peer(peerPython, peerScript, "train")).rate()
        : embedding(graph);
  }

  /** Ours, exported, is what onnxruntime runs. */
  private double embedding(ComputationGraph graph) throws IOException, InterruptedException {
    Path exported = Files.createTempFile("bench", ".onnx");
    try {
      Files.write(
          exported,
          NetworkExport.of(graph, network(), PixelInput.NORMALISED, Optional.empty()).bytes());
      return alike(new Peer(peerPython, peerEmbedScript, "embed"))
          .with("--onnx", exported)
          .with("--torch-script", peerScript)
          .rate();
    } finally {
      Files.delete(exported);
    }
  }

  private Peer alike(Peer peer) {
    if (task == Task.train) {
      peer.with("--classes", classes);
    }
    if (precision == Precision.BF16) {
      peer.with("--bf16");
    }
    return peer.with("--net", net)
        .with("--batch", batch)
        .with("--emb", embedding)
        .with("--threads", threads)
        .with("--repeats", repeats)
        .with("--steps", steps);
  }
}
