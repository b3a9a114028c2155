package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code submit/pipeline}, with a stand-in for {@code spark-submit} that notes how it is called.
 */
class PipelineTest {
  private static final String STEPS =
      """
      # from pictures to a network
      faces: prepare --input $DATA/train.rec \\
               --output $WORK/faces

      first: train --conf plan.conf --output $WORK/run --set data.faces='"$WORK/faces"'
      clean: drop-topk --model $WORK/run/model --output $WORK/clean
      last:  evaluate --model $WORK/run/model
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeStandIn() throws IOException {
    Files.writeString(folder.resolve("pipeline.conf"), STEPS);
    Path submit = folder.resolve("submit");
    Files.writeString(
        submit,
        """
        #!/usr/bin/env bash
        printf '%s|' "$@" >>calls
        echo >>calls
        [ ! -f "fail-$1" ] || exit 2
        """);
    assertThat(submit.toFile().setExecutable(true)).isTrue();
  }

  private int run(String... more) throws IOException, InterruptedException {
    Files.deleteIfExists(folder.resolve("calls"));
    List<String> command =
        new java.util.ArrayList<>(
            List.of(Submission.ROOT.resolve("submit/pipeline").toString(), "pipeline.conf"));
    command.addAll(List.of(more));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("DATA", "hdfs:///emore");
    builder.environment().put("WORK", "/runs/a b");
    builder.environment().put("SPARKFACE_SUBMIT", folder.resolve("submit").toString());
    Process process = builder.start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }

  private List<String> calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  private void replace(String old, String now) throws IOException {
    Path file = folder.resolve("pipeline.conf");
    Files.writeString(file, Files.readString(file).replace(old, now));
  }

  @Test
  void runsAllStepsInOrderWithSparksOptionsAndThenNone() throws Exception {
    replace("/run/", "/run/");
    replace("$WORK/", "'$WORK'/");
    assertThat(run("--", "--master", "yarn")).as(log()).isZero();
    assertThat(calls()).hasSize(4);
    assertThat(calls().get(0))
        .isEqualTo(
            "prepare|--input|hdfs:///emore/train.rec|--output|/runs/a b/faces|--|--master|yarn|");
    assertThat(calls())
        .extracting(call -> call.substring(0, call.indexOf('|')))
        .containsExactly("prepare", "train", "drop-topk", "evaluate");
    assertThat(run()).isZero();
    assertThat(calls()).isEmpty();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  @Test
  void aFailureEndsItWithItsStatusAndItGoesOnThere() throws Exception {
    replace("$WORK", "/runs");
    Files.writeString(folder.resolve("fail-drop-topk"), "");
    assertThat(run()).isEqualTo(2);
    assertThat(log()).contains("error: step clean ended with 2");
    assertThat(calls()).hasSize(3);
    Files.delete(folder.resolve("fail-drop-topk"));
    assertThat(run()).isZero();
    // what it may have left behind is replaced
    assertThat(calls().get(0)).startsWith("drop-topk|").endsWith("|--overwrite|");
    assertThat(calls()).hasSize(2);
  }

  @Test
  void trainingThatWasBrokenOffGoesOn() throws Exception {
    replace("$WORK", "/runs");
    Files.writeString(folder.resolve("fail-train"), "");
    assertThat(run()).isEqualTo(2);
    Files.delete(folder.resolve("fail-train"));
    assertThat(run()).isZero();
    assertThat(calls().get(0)).startsWith("train|").doesNotContain("--fresh");
  }

  @Test
  void aStepThatWasChangedIsRunAgainWithAllBelow() throws Exception {
    replace("$WORK", "/runs");
    assertThat(run()).isZero();
    replace("--conf plan.conf", "--conf other.conf");
    assertThat(run()).isZero();
    assertThat(calls()).hasSize(3);
    assertThat(calls().get(0)).startsWith("train|").endsWith("|--fresh|");
    assertThat(calls().get(1)).startsWith("drop-topk|").endsWith("|--overwrite|");
    assertThat(calls().get(2)).startsWith("evaluate|").doesNotContain("--overwrite");
  }

  @Test
  void whatIsNoStepIsRefused() throws Exception {
    Files.writeString(folder.resolve("pipeline.conf"), "train --conf plan.conf\n");
    assertThat(run()).isEqualTo(2);
    assertThat(log()).contains("error: not a step");
  }
}
