package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShortNamesTest {
  @Test
  void asMuchOfAPathAsTellsItApart() {
    assertThat(
            ShortNames.of(
                    List.of("run1/best", "hdfs://host/x/run2/best/", "/a/b/net.onnx", "/best"))
                .values())
        .containsExactly("run1-best", "run2-best", "net.onnx", "best");
    assertThat(ShortNames.of(List.of("x/run1/model")).values()).containsExactly("run1-model");
    assertThat(ShortNames.of(List.of("../a", "../../a")).values())
        .containsExactly("..-a", "..-..-a");
  }
}
