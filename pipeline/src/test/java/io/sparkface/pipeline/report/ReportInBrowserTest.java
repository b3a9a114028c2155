package io.sparkface.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in headless Chromium, looked over by axe. */
@Tag("browser")
class ReportInBrowserTest {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final String RUN_AXE =
      """
      <script>
      document.documentElement.dataset.theme = "THEME";
      document.documentElement.style.width = "360px";
      document.querySelectorAll("details").forEach((one) => { one.open = true; });
      axe.run(document, { resultTypes: ["violations"] }).then((found) => {
        const text = JSON.stringify({
          violations: found.violations.map((one) => one.id + ": "
            + one.nodes.map((node) => node.target + " " + node.failureSummary).join("; ")),
          passes: found.passes.length,
          width: document.body.scrollWidth,
          order: [...document.querySelectorAll("a, button, summary, [tabindex='0']")]
            .map((one) => one.className || one.id || one.tagName),
        });
        const result = document.createElement("output");
        result.id = "axe";
        result.textContent = btoa(unescape(encodeURIComponent(text)));
        document.body.append(result);
      });
      </script>
      """;

  @TempDir Path folder;

  @BeforeEach
  void writePage() throws IOException {
    assumeTrue(Files.isExecutable(CHROMIUM), "there is no Chromium");
    SmallRun.write(folder.resolve("run1"), 0.95, 1);
    SmallRun.write(folder.resolve("run2"), 0.9, 2);
    SmallRun.writeCleaned(folder.resolve("faces-clean"));
    SmallRun.writeIjb(folder.resolve("ijb"));
    report().write(folder.resolve("page.html").toString());
  }

  private Report report() {
    return new Report(
        Stream.of("run1", "run2", "ijb").map(name -> folder.resolve(name).toString()).toList(),
        "",
        SmallRun.HADOOP);
  }

  private String shown(URI page) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(CHROMIUM.toString(), "--headless"));
    command.addAll(
        List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--user-data-dir=" + folder.resolve("profile"),
            "--virtual-time-budget=30000",
            "--dump-dom",
            page.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(folder.resolve("dom.html").toFile())
            .start();
    assertThat(process.waitFor()).isZero();
    return Files.readString(folder.resolve("dom.html"));
  }

  @Test
  void itsOwnScriptRunsUnderItsPolicy() throws Exception {
    assertThat(shown(folder.resolve("page.html").toUri()))
        .containsPattern("<button id=\"theme\" type=\"button\">(Dark|Light) colours");
  }

  @Test
  void aServedPageAsksForNews() throws Exception {
    try (ReportServer server = ReportServer.start(report(), "127.0.0.1", 0)) {
      assertThat(shown(URI.create("http://127.0.0.1:" + server.port() + "/")))
          .contains("Watching: new results appear by themselves.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void axeFindsNothingWrongAndThePageFitsAPhone(String theme) throws Exception {
    String axe;
    try (InputStream in = getClass().getResourceAsStream("/axe.min.js")) {
      axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String page =
        Files.readString(folder.resolve("page.html"))
            .replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "");
    Path looked = folder.resolve("looked.html");
    Files.writeString(
        looked,
        page.replace(
            "</body>",
            "<script>" + axe + "</script>" + RUN_AXE.replace("THEME", theme) + "</body>"));
    String dom = shown(looked.toUri());
    int from = dom.indexOf("<output id=\"axe\">") + "<output id=\"axe\">".length();
    assertThat(from).as("axe came to an end").isGreaterThan(100);
    JsonNode found =
        new ObjectMapper()
            .readTree(
                Base64.getDecoder().decode(dom.substring(from, dom.indexOf("</output>", from))));
    assertThat(found.get("violations")).isEmpty();
    assertThat(found.get("passes").asInt()).isGreaterThan(10);
    assertThat(found.get("width").asInt()).isLessThanOrEqualTo(360);
    assertThat(found.get("order").get(0).asText()).isEqualTo("skip");
    // after the link to the terms
    assertThat(found.get("order").get(2).asText()).isEqualTo("theme");
  }
}
