package io.sparkface.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Python program that does what we did and prints {@code TASK_img_s=RATE}. */
final class Peer {
  private final String task;
  private final List<String> command = new ArrayList<>();

  Peer(Path python, Path script, String task) {
    this.task = task;
    command.add(python.toString());
    command.add(script.toString());
  }

  Peer with(String option, Object value) {
    command.add(option);
    command.add(value.toString());
    return this;
  }

  Peer with(String option) {
    command.add(option);
    return this;
  }

  /** Shows what the program says and returns its rate. */
  double rate() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher rate = Pattern.compile(task + "_img_s=([0-9.]+)").matcher(output);
    if (process.waitFor() != 0 || !rate.find()) {
      throw new IllegalStateException("the peer said:\n" + output);
    }
    output.lines().forEach(line -> System.out.println("peer: " + line));
    return Double.parseDouble(rate.group(1));
  }
}
