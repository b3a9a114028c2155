package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar, started by {@code submit/spark-submit} in JVMs of its own. */
class SubmittedJobsTest {
  private static final Path ROOT = Path.of(System.getProperty("sparkface.root"));

  @TempDir Path folder;

  private record Outcome(int status, String out, String err) {}

  private Outcome submit(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ROOT.resolve("submit/spark-submit").toString());
    command.addAll(Arrays.asList(words));
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException("no end after 5 minutes: " + Files.readString(err));
    }
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void aSetIsMadePreparedAndInspected() throws IOException, InterruptedException {
    assertThat(
            submit(
                    "synthesize",
                    "--output",
                    "rec",
                    "--size",
                    "32",
                    "--identities",
                    "3",
                    "--images",
                    "3",
                    "--pairs",
                    "20")
                .status())
        .isZero();
    Outcome prepared =
        submit(
            "prepare",
            "--input",
            "rec",
            "--output",
            "faces",
            "--json",
            "--",
            "--master",
            "local[2]");
    assertThat(prepared.status()).as(prepared.err()).isZero();
    assertThat(new ObjectMapper().readTree(prepared.out()).get("images").asInt()).isEqualTo(9);
    assertThat(
            new ObjectMapper()
                .readTree(submit("inspect", "faces", "--json").out())
                .get("identities")
                .asInt())
        .isEqualTo(3);
    Outcome again = submit("prepare", "--input", "rec", "--output", "faces");
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("the output exists already").doesNotContain("\tat ");
  }

  @Test
  void wrongUsageIsAnsweredWithTheNearestOption() throws IOException, InterruptedException {
    Outcome wrong = submit("prepare", "--inptu", "x", "--output", "y");
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.err()).contains("--input");
    assertThat(submit("prepare", "--help").out()).contains("Example:");
    assertThat(submit("--version").out()).startsWith("Sparkface 0.1.0");
  }

  @Test
  void anEvaluationSaysWhatItWouldRead() throws IOException, InterruptedException {
    Outcome outcome =
        submit(
            "evaluate",
            "--model",
            Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString(),
            "--pairs",
            Fixtures.path("bin/small_lfw.bin").toString(),
            "--dry-run",
            "--json");
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(new ObjectMapper().readTree(outcome.out()).get("pairs").get("small_lfw").asInt())
        .isEqualTo(10);
  }

  @Test
  void aPretrainedNetworkGivesTheExpectedCosines() throws IOException, InterruptedException {
    Outcome result =
        submit(
            "evaluate",
            "--model",
            Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString(),
            "--pairs",
            Fixtures.path("bin/small_lfw.bin").toString(),
            "--normalisation",
            "imagenet",
            "--no-flip",
            "--cosines",
            "--json");
    assertThat(result.status()).as(result.err()).isZero();
    var cosines = new ObjectMapper().readTree(result.out()).get("small_lfw").get("cosines");
    List<String> lines = Files.readAllLines(Fixtures.path("expected/small_lfw_pair_cosines.csv"));
    for (int i = 0; i < 10; i++) {
      assertThat(cosines.get(i).asDouble())
          .as(String.format(Locale.ROOT, "pair %d", i))
          .isCloseTo(
              Double.parseDouble(lines.get(i + 1).split(",")[2]),
              org.assertj.core.api.Assertions.within(1e-3));
    }
  }
}
