package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.models.Networks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ModelsJobTest {
  private static String printed(String... arguments) {
    PrintStream before = System.out;
    var bytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      assertThat(new CommandLine(new ModelsJob()).execute(arguments)).isZero();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void listsEveryNetworkAsJson() throws Exception {
    JsonNode all = new ObjectMapper().readTree(printed("--json"));
    assertThat(all.get("imageSize").asInt()).isEqualTo(112);
    List<String> names = new ArrayList<>();
    all.get("backbones").forEach(one -> names.add(one.get("name").asText()));
    assertThat(names).containsExactlyElementsOf(Networks.names());
    for (JsonNode one : all.get("backbones")) {
      if (one.get("name").asText().equals("mobilefacenet")) {
        assertThat(one.get("parameters").asLong()).isEqualTo(865_536);
        assertThat(one.get("trainable").asLong()).isEqualTo(848_256);
        assertThat(one.get("map").toString()).isEqualTo("[7,7,128]");
      }
      assertThat(one.get("flops").asLong()).isPositive();
    }
  }

  @Test
  void printsTheNamedOnesForOtherPictures() {
    assertThat(printed("--image-size", "128", "r50"))
        .contains("30,773,440", "30,737,344", "8x8x512")
        .doesNotContain("r100");
  }
}
