package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.datasets.interchange.TfRecordReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1), ZoneOffset.UTC);

  @TempDir Path folder;

  private RunLog from(long step) throws IOException {
    return new RunLog(
        new org.apache.hadoop.fs.Path(folder.resolve("logs").toString()),
        step,
        new Configuration(),
        CLOCK);
  }

  @Test
  void whatCameAfterTheCheckpointIsForgotten() throws IOException {
    try (RunLog log = from(0)) {
      log.add("step", 2, Map.of("loss", 1.0));
      log.end(3);
      log.add("step", 4, Map.of("loss", 0.5));
    }
    try (RunLog log = from(3)) {
      log.add("step", 5, Map.of("loss", 0.25));
    }
    assertThat(folder.resolve("logs/events-0000000000.jsonl"))
        .content()
        .isEqualTo(
            "{\"time\":\"1970-01-01T00:00:01Z\",\"event\":\"step\",\"step\":2,\"loss\":1.0}\n");
    assertThat(folder.resolve("logs/events-0000000003.jsonl"))
        .content()
        .contains("\"step\":5")
        .doesNotContain("\"step\":4");
  }

  @Test
  void tensorBoardReadsTheNumbers() throws IOException {
    try (RunLog log = from(0)) {
      log.add("step", 300, Map.of("loss", 1.0));
    }
    try (TfRecordReader reader =
        new TfRecordReader(
            Files.newInputStream(folder.resolve("logs/events.out.tfevents.0000000000")), "log")) {
      // wall time 1.0, version
      assertThat(HexFormat.of().formatHex(reader.next().orElseThrow()))
          .isEqualTo("09000000000000f03f" + "1a0d" + "627261696e2e4576656e743a32");
      // wall time, step 300, summary { value { tag "step/loss" simple_value 1 } }
      assertThat(HexFormat.of().formatHex(reader.next().orElseThrow()))
          .isEqualTo(
              "09000000000000f03f"
                  + "10ac02"
                  + "2a12"
                  + "0a10"
                  + "0a09737465702f6c6f7373"
                  + "150000803f");
      assertThat(reader.next()).isEmpty();
    }
  }
}
