package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.optim.ClassicMomentum;
import io.sparkface.models.schedule.Constant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Training in the steady state does not grow. */
class SteadyMemoryTest {
  private static final int SIZE = 32;

  private final DataSet faces = new DataSet(images(), Nd4j.zeros(DataType.FLOAT, 4, 1));

  private static INDArray images() {
    return Nd4j.rand(DataType.FLOAT, 4, SIZE, SIZE, 3);
  }

  private static ComputationGraph mobileFaceNet() {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.FLOAT)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .updater(new ClassicMomentum(new Constant(0.01), 0.9))
            .graphBuilder()
            .addInputs("images")
            .setInputTypes(InputType.convolutional(SIZE, SIZE, 3, CNN2DFormat.NHWC));
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 64).withInput(SIZE, SIZE);
    String embedding = Networks.addTo(builder, spec, "images");
    builder.addLayer("margin", new CosineHead(64, 100, 1, new ArcFace(1, 0.5, 0, 64)), embedding);
    ComputationGraph graph = new ComputationGraph(builder.setOutputs("margin").build());
    graph.init();
    return graph;
  }

  /**
   * JavaCPP counts what Java holds outside the heap: primitives, their arguments, buffers; what
   * native code allocates by itself shows only in the resident memory, which the slow test below
   * looks at. What ND4J passes to its operations (shapes, axes) remains: less than a tenth of one
   * layer's output.
   */
  @Test
  void aStepMakesNoBuffers() {
    ComputationGraph graph = mobileFaceNet();
    for (int i = 0; i < 10; i++) {
      graph.fit(faces);
    }
    long before = Pointer.totalBytes();
    for (int i = 0; i < 5; i++) {
      graph.fit(faces);
    }
    assertThat((Pointer.totalBytes() - before) / 5).as("bytes per step").isLessThan(26_000);
  }

  /**
   * In a JVM of its own whose heap has its full size from the start: what grows is then outside the
   * heap, whoever allocated it.
   */
  @Test
  @Tag("slow")
  void twoThousandStepsDoNotGrow() throws IOException, InterruptedException {
    Process training =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms512m",
                "-Xmx512m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                TwoThousandSteps.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(training.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(training.waitFor()).isZero();
    long grown = Long.parseLong(printed.lines().reduce((first, last) -> last).orElseThrow());
    System.err.println("resident memory grew by " + grown + " KiB in 2,000 steps");
    assertThat(grown).isLessThan(32 * 1024);
  }

  /** Prints by how many KiB the process grew. */
  static final class TwoThousandSteps {
    private TwoThousandSteps() {}

    public static void main(String[] args) throws IOException {
      ComputationGraph graph = mobileFaceNet();
      DataSet faces = new DataSet(images(), Nd4j.zeros(DataType.FLOAT, 4, 1));
      for (int i = 0; i < 200; i++) {
        graph.fit(faces);
      }
      long before = residentKibibytes();
      for (int i = 0; i < 2000; i++) {
        graph.fit(faces);
      }
      System.out.println(residentKibibytes() - before);
    }
  }

  private static long residentKibibytes() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }
}
