package io.sparkface.pipeline.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A page on runs, evaluations and cleaned sets.
 *
 * @param paths of run directories, histories, results and cleaned sets
 * @param metric pair set the best epochs are chosen by; empty for the last
 */
public record Report(List<String> paths, String metric, Configuration hadoop) {
  private static final Logger LOG = LoggerFactory.getLogger(Report.class);

  /** Name of the page in a run directory. */
  public static final String FILE = "report.html";

  public Report {
    paths = List.copyOf(paths);
  }

  /** Writes the page of a run that goes on. A page that cannot be made does not end the run. */
  public static void refresh(Path run, Configuration hadoop) {
    try {
      new Report(List.of(run.toString()), "", hadoop).write(new Path(run, FILE).toString());
    } catch (IOException | RuntimeException e) {
      LOG.warn("the report of {} could not be written: {}", run, e.getMessage());
    }
  }

  /** Writes the page, in place of one that is there. */
  public void write(String file) throws IOException {
    put(new Path(file), ReportPage.kept(material(), metric).html().getBytes(UTF_8));
  }

  /**
   * Writes each plot as {@code NAME.svg} and {@code NAME.png}.
   *
   * @return names of the files
   */
  public List<String> writePlots(String directory) throws IOException {
    List<String> written = new ArrayList<>();
    Set<String> used = new HashSet<>();
    for (Plot plot : ReportPage.kept(material(), metric).plots()) {
      String safe = plot.name().replaceAll("[^\\p{L}\\p{N}._-]+", "-").toLowerCase(Locale.ROOT);
      String name = safe;
      for (int n = 2; !used.add(name); n++) {
        name = safe + "-" + n;
      }
      put(new Path(directory, name + ".svg"), PlotPainter.svg(plot).getBytes(UTF_8));
      put(new Path(directory, name + ".png"), png(plot));
      written.add(name + ".svg");
      written.add(name + ".png");
    }
    return written;
  }

  private static byte[] png(Plot plot) throws IOException {
    try {
      return PlotPainter.png(plot);
    } catch (LinkageError | InternalError e) {
      throw new UserError(
          "this machine has no fonts to draw with: " + e,
          "--plots",
          "install fontconfig and a font such as DejaVu, or take the plots from the page",
          e);
    }
  }

  /** The page as it is at this moment, for those who watch it. */
  String watched() throws IOException {
    return ReportPage.watched(material(), metric).html();
  }

  private Material material() throws IOException {
    return Material.read(paths, hadoop);
  }

  private void put(Path file, byte[] content) throws IOException {
    Replacement.write(file, hadoop, out -> out.write(content));
  }
}
