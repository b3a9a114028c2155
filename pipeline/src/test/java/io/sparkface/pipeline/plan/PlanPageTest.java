package io.sparkface.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/plan.md} lists every key of {@code reference.conf} with its default and comment. */
class PlanPageTest {
  private static final Path PAGE = Path.of(System.getProperty("sparkface.root"), "docs/plan.md");
  private static final String MARK = "<!-- from here on as reference.conf has it -->\n";

  @Test
  void thePageSaysWhatTheReferenceSays() throws IOException {
    String page = Files.exists(PAGE) ? Files.readString(PAGE) : MARK;
    int mark = page.indexOf(MARK);
    assertThat(mark).as("the page has the line %s", MARK).isNotNegative();
    String expected = page.substring(0, mark) + MARK + table();
    Path made = Path.of("target", "plan.md");
    Files.createDirectories(made.getParent());
    Files.writeString(made, expected);
    assertThat(page)
        .as("reference.conf was changed: copy pipeline/target/plan.md to docs/plan.md")
        .isEqualTo(expected);
  }

  private static String table() {
    Config reference = ConfigFactory.parseResources("reference.conf").getConfig("sparkface");
    StringBuilder text = new StringBuilder();
    append(reference.root(), "", text);
    return text.toString();
  }

  private static void append(ConfigObject object, String prefix, StringBuilder text) {
    List<Map.Entry<String, ConfigValue>> entries =
        object.entrySet().stream()
            .sorted(Comparator.comparingInt(entry -> entry.getValue().origin().lineNumber()))
            .toList();
    for (Map.Entry<String, ConfigValue> entry : entries) {
      String key = prefix + entry.getKey();
      ConfigValue value = entry.getValue();
      String comment =
          value.origin().comments().stream().map(String::strip).collect(Collectors.joining(" "));
      boolean section =
          value instanceof ConfigObject inner && !inner.isEmpty() && !prefix.equals("losses.");
      if (section) {
        text.append("\n## ").append(key).append("\n\n");
        text.append(comment.isEmpty() ? "" : comment + "\n\n");
        append((ConfigObject) value, key + ".", text);
      } else {
        text.append("- `").append(key).append(" = ").append(rendered(value)).append("`");
        text.append(comment.isEmpty() ? "\n" : ": " + comment + "\n");
      }
    }
  }

  private static String rendered(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise().setJson(false).setFormatted(false));
  }
}
