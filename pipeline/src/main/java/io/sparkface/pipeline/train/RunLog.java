package io.sparkface.pipeline.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What happens in a run, as it happens, in the directory {@code logs}: {@code
 * events-NNNNNNNNNN.jsonl}, a JSON object a line, and the numbers of it for TensorBoard in {@code
 * events.out.tfevents.NNNNNNNNNN}.
 *
 * <p>Files end at each checkpoint, and their number is the step the next one begins after. A run
 * that goes on from a checkpoint deletes what was written after it, so that no step is in the log
 * twice.
 */
final class RunLog implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final FileSystem fs;
  private final Clock clock;
  private long from;
  private OutputStream lines;
  private EventFile events;

  /**
   * @param from steps done before the first that is logged
   */
  RunLog(Path directory, long from, Configuration hadoop, Clock clock) throws IOException {
    this.directory = directory;
    this.fs = directory.getFileSystem(hadoop);
    this.clock = clock;
    this.from = from;
    if (fs.exists(directory)) {
      for (FileStatus file : fs.listStatus(directory)) {
        String digits = file.getPath().getName().replaceAll("\\D", "");
        if (!digits.isEmpty() && Long.parseLong(digits) >= from) {
          fs.delete(file.getPath(), false);
        }
      }
    }
  }

  /**
   * Logs what happened after {@code step} steps.
   *
   * @param kind what happened: step, epoch, evaluation
   * @param values numbers by name
   */
  void add(String kind, long step, Map<String, Double> values) throws IOException {
    if (lines == null) {
      lines = fs.create(file("events-%010d.jsonl"));
      events = new EventFile(fs.create(file("events.out.tfevents.%010d")), seconds());
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", clock.instant().toString());
    line.put("event", kind);
    line.put("step", step);
    line.putAll(values);
    lines.write(
        (JSON.writeValueAsString(line) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    lines.flush();
    Map<String, Double> tagged = new LinkedHashMap<>();
    values.forEach((name, value) -> tagged.put(kind + "/" + name, value));
    events.scalars(seconds(), step, tagged);
  }

  private Path file(String pattern) {
    return new Path(directory, String.format(Locale.ROOT, pattern, from));
  }

  private double seconds() {
    return clock.millis() / 1000.0;
  }

  /** Ends the files: a checkpoint is about to be written after {@code step} steps. */
  void end(long step) throws IOException {
    close();
    from = step;
  }

  @Override
  public void close() throws IOException {
    if (lines != null) {
      lines.close();
      events.close();
      lines = null;
    }
  }
}
