package io.sparkface.bench;

import io.sparkface.base.Lanes;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.Embedding;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.clean.Cleaning;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.nativeblas.NativeOpsHolder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Images per second of {@code distill} or {@code drop-topk}, from files to files; the floor is the
 * network alone, by a thread on each core with a plan of its own, on one batch that is in memory
 * already. Timed in turn, as a machine's speed changes.
 */
@Command(name = "bench/run", mixinStandardHelpOptions = true, sortOptions = false)
final class EmbeddingJobBench implements Callable<Integer> {
  private static final int BATCH = 16;
  private static final int BARE_STEPS = 160;

  @Parameters(index = "0", description = "distill or drop-topk")
  private String job;

  @Option(names = "--net", defaultValue = "mobilefacenet", description = "network")
  private String net;

  @Option(names = "--size", defaultValue = "100m", description = "of the set")
  private String size;

  @Option(names = "--threads", defaultValue = "2", description = "cores")
  private int threads;

  @Option(names = "--repeats", defaultValue = "3", description = "timings, of which the median")
  private int repeats;

  public static void main(String[] args) {
    System.exit(new CommandLine(new EmbeddingJobBench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("bench-" + job);
    try {
      SparkSession spark = Bench.spark(threads);
      FaceSetManifest faces = Bench.faces(spark, new BenchPictures(), work, size);
      long images = faces.rows();
      int identities = faces.identities();
      NetworkSpec network = NetworkSpec.of(net, "GDC", 256);
      ComputationGraph graph = TrainingGraph.embeddingOnly(network);
      model(work.resolve("model"), network, identities);
      INDArray batch = Nd4j.rand(DataType.FLOAT, BATCH, 112, 112, 3);
      try (Lanes<Embedding> bare = new Lanes<>("bare", threads, () -> lane(graph, network))) {
        InTurn.timed(
                repeats,
                repeat -> images / seconds(spark, work),
                repeat -> BATCH * BARE_STEPS / Bench.seconds(() -> embed(bare, batch)))
            .print(
                String.format(
                    Locale.ROOT, "%d images, %d identities, images/s", images, identities),
                "floor");
      }
      return 0;
    } finally {
      Bench.delete(work);
    }
  }

  private static Embedding lane(ComputationGraph graph, NetworkSpec network) {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    return new Embedding(graph, network);
  }

  private static void embed(Lanes<Embedding> bare, INDArray batch) {
    Lanes.await(bare.begin(BARE_STEPS, (network, step) -> network.of(batch).close()));
  }

  /** An untrained network with a head of three sub-centres. */
  private static void model(Path directory, NetworkSpec network, int identities)
      throws IOException {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(DataType.FLOAT)
            .updater(new NoOp())
            .graphBuilder()
            .addInputs("images");
    String embedding = Networks.addTo(builder, network, "images");
    builder.addLayer(
        TrainingGraph.MARGIN,
        new CosineHead(network.embeddingSize(), identities, 3, new ArcFace(1, 0.5, 0, 64)),
        embedding);
    ComputationGraph graph = new ComputationGraph(builder.setOutputs(TrainingGraph.MARGIN).build());
    graph.init();
    ModelDirectory.write(
        directory.toString(),
        new ModelCard(
            ModelCard.FORMAT,
            network,
            identities,
            3,
            "arcface",
            0,
            ModelCard.INPUT,
            Map.of(),
            Map.of(),
            Map.of()),
        graph,
        new Configuration());
  }

  /** Of the whole job. */
  private double seconds(SparkSession spark, Path work) throws IOException, InterruptedException {
    Path output = work.resolve("out");
    double seconds = Bench.seconds(() -> run(spark, work, output));
    Bench.delete(output);
    return seconds;
  }

  private void run(SparkSession spark, Path work, Path output) throws IOException {
    if (job.equals("distill")) {
      new Distillation(
              JavaSparkContext.fromSparkContext(spark.sparkContext()),
              new Distillation.Options(
                  List.of(work.resolve("model").toString()),
                  Normalisation.FACE,
                  EmbeddingFile.Precision.FLOAT32,
                  work.resolve("faces").toString(),
                  output.toString()))
          .run();
    } else {
      new Cleaning(
              spark,
              new Cleaning.Options(
                  work.resolve("model").toString(),
                  work.resolve("faces").toString(),
                  // an untrained network keeps everyone
                  180,
                  output.toString(),
                  Cleaning.Output.REWRITTEN,
                  StagedOutput.Existing.REFUSE))
          .run();
    }
  }
}
