package io.sparkface.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.StringReader;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ReportTest {
  @TempDir Path folder;

  @BeforeEach
  void writeRuns() throws IOException {
    SmallRun.write(folder.resolve("run1"), 0.95, 1);
    SmallRun.write(folder.resolve("run2"), 0.9, 2);
    SmallRun.writeCleaned(folder.resolve("faces-clean"));
  }

  private Report report(String... paths) {
    return new Report(
        List.of(paths).stream().map(path -> folder.resolve(path).toString()).toList(),
        "",
        SmallRun.HADOOP);
  }

  private String page(String... paths) throws IOException {
    report(paths).write(folder.resolve("page.html").toString());
    return Files.readString(folder.resolve("page.html"));
  }

  @Test
  void aPageShowsEverythingOfARunAndNeedsNoOtherFile() throws IOException {
    String page = page("run1");
    assertThat(page)
        .contains("Training loss", "Learning rate", "Throughput", "Loss of single steps")
        .contains("Accuracy on agedb_30", "Accuracy on lfw", "stage 2")
        .contains("Best by lfw", "Best of each set", "Best by the sum", "Latest")
        .contains("ROC on lfw", "Scores on lfw", "Hardest pairs of lfw", "data:image/jpeg;base64,")
        .contains("Dropped images", "30.00 %");
    assertThat(page.replaceAll("http://www.w3.org/[^\"]*", ""))
        .doesNotContain("http:")
        .doesNotContain("https:")
        .doesNotContainPattern("src=\"(?!data:)")
        .doesNotContainPattern("<link(?! rel=\"icon\" href=\"data:,\")");
  }

  @Test
  void everyPlotHasATitleADescriptionAndATable() throws IOException {
    String page = page("run1", "run2");
    int plots = page.split("<svg", -1).length - 1;
    assertThat(plots).isGreaterThan(9);
    assertThat(page.split("role=\"img\" aria-labelledby", -1)).hasSize(plots + 1);
    assertThat(page.split("<desc id", -1)).hasSize(plots + 1);
    assertThat(page.split("<details", -1)).hasSize(plots + 1);
    assertThat(page).contains(">run1<", ">run2<");
  }

  /** Eight curves in one plot; their histograms wait to be opened. */
  @Test
  void combinationsOfIjbStandTogether() throws IOException {
    SmallRun.writeIjb(folder.resolve("ijb"));
    String page = page("ijb");
    assertThat(page.split("<figcaption>ROC on IJBB<", -1)).hasSize(2);
    assertThat(page)
        .contains("ijb, N0D1F1", "3,000 (300 same)", "CMC on IJBB 1N", "DIR on IJBB 1N")
        .contains("<summary id=\"more-1-summary\">Score histograms of the 8 results on IJBB");
  }

  /** The last epoch's result is shown once where it is the best's; a cleaned set too. */
  @Test
  void whatIsTheSameIsShownOnce() throws IOException {
    Path run = folder.resolve("run1");
    Files.createDirectories(run.resolve("evaluations/last"));
    Files.copy(run.resolve("evaluations/best/lfw.json"), run.resolve("evaluations/last/lfw.json"));
    String page = page("run1", "faces-clean/../faces-clean");
    assertThat(page).contains(">run1 best and last<").doesNotContain(">run1 last<");
    assertThat(page.split("<h2 id=\"dropped\"", -1)).hasSize(2);
    assertThat(page.split("<figcaption>Dropped images of", -1)).hasSize(2);
  }

  @Test
  void namesOfStrangersAreTextAndNoScript() throws IOException {
    assertThat(page("run1"))
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
        .doesNotContain("<script>alert");
  }

  @Test
  void plotsAreWrittenAsSvgAndPng() throws Exception {
    List<String> files = report("run1", "run2").writePlots(folder.resolve("plots").toString());
    assertThat(files).contains("run-loss.svg", "run-loss.png", "roc-lfw.svg");
    for (String file : files) {
      Path path = folder.resolve("plots").resolve(file);
      if (file.endsWith(".svg")) {
        String svg = Files.readString(path);
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
        assertThat(svg).doesNotContain("NaN");
      } else {
        assertThat(ImageIO.read(path.toFile()).getWidth()).isEqualTo(1200);
      }
    }
  }

  @Test
  void aHistoryOfTheOriginalIsShownAndOtherFilesAreRefused() throws IOException {
    Files.writeString(
        folder.resolve("r50_hist.json"),
        "{\"lr\": [0.1, 0.01], \"loss\": [3, NaN], \"lfw\": [0.9, 0.8], \"lfw_thresh\": [1, 1]}"
            .replace("NaN", "null"));
    assertThat(page("r50_hist.json")).contains("0.9000 (epoch 1)");
    Files.writeString(folder.resolve("other.json"), "{\"a\": 1}");
    Files.createDirectories(folder.resolve("empty"));
    for (String path : List.of("other.json", "empty", "absent")) {
      assertThatThrownBy(() -> page(path)).isInstanceOf(UserError.class).hasMessageContaining(path);
    }
  }

  @Test
  void theBestEpochsAreThoseOfTheOriginalsTables() throws IOException {
    Files.writeString(
        folder.resolve("a.json"),
        "{\"loss\":[1,1,1],\"x\":[0.1,0.5,0.5],\"x_thresh\":[0,0,0],\"y\":[0.9,0.2,0.3],"
            + "\"y_thresh\":[0,0,0]}");
    Files.writeString(
        folder.resolve("b.json"),
        "{\"loss\":[1],\"x\":[0.6],\"x_thresh\":[0],\"y\":[0.1],\"y_thresh\":[0]}");
    Material material =
        Material.read(
            List.of(folder.resolve("a.json").toString(), folder.resolve("b.json").toString()),
            SmallRun.HADOOP);
    List<BestEpochs.Table> tables = BestEpochs.of(material.runs(), "x").orElseThrow().tables();
    assertThat(tables.get(0).rows())
        .containsExactly(
            List.of("b", "1", "0.6000", "0.1000"), List.of("a", "2", "0.5000", "0.2000"));
    assertThat(tables.get(1).rows().get(1)).containsExactly("a", "0.5000", "2", "0.9000", "1");
    assertThat(tables.get(2).rows().get(1)).containsExactly("a", "1", "0.1000", "0.9000");
    assertThat(tables.get(3).rows().get(1)).containsExactly("a", "3", "0.5000", "0.3000");
  }

  @Test
  void theServedPageFollowsTheRunAndAnswersLoopbackAlone() throws Exception {
    try (ReportServer server = ReportServer.start(report("run1"), "127.0.0.1", 0)) {
      URI uri = URI.create("http://127.0.0.1:" + server.port() + "/");
      HttpClient client = HttpClient.newHttpClient();
      HttpRequest ask = HttpRequest.newBuilder(uri).build();
      HttpResponse<String> first = client.send(ask, HttpResponse.BodyHandlers.ofString());
      assertThat(first.body()).contains("id=\"state\"").contains("Training loss");
      String tag = first.headers().firstValue("ETag").orElseThrow();
      HttpRequest again = HttpRequest.newBuilder(uri).header("If-None-Match", tag).build();
      assertThat(client.send(again, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(HttpURLConnection.HTTP_NOT_MODIFIED);
      SmallRun.write(folder.resolve("run1"), 0.8, 3);
      assertThat(client.send(again, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(HttpURLConnection.HTTP_OK);
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(uri.resolve("/etc/passwd")).build(),
                      HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(HttpURLConnection.HTTP_NOT_FOUND);
      try (Socket socket = new Socket("127.0.0.1", server.port())) {
        socket
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        byte[] status = socket.getInputStream().readNBytes(12);
        assertThat(new String(status, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 421");
      }
    }
  }

  @Test
  void aRunWithoutAnythingYetDoesNotBreakTraining() {
    Report.refresh(
        new org.apache.hadoop.fs.Path(folder.resolve("nothing").toString()), SmallRun.HADOOP);
    assertThat(folder.resolve("nothing/report.html")).doesNotExist();
  }
}
