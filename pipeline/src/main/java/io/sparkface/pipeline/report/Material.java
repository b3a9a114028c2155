package io.sparkface.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Everything a report is made of, read from the paths it was asked for: run directories, histories,
 * results of evaluations (files or directories of them) and cleaned face sets, told apart by what
 * they hold.
 */
record Material(List<RunRecord> runs, List<Kept> results, List<CleaningRecord> cleanings) {
  /**
   * A result.
   *
   * @param name which evaluation it is of, in legends
   */
  record Kept(String name, EvaluationResult result) {}

  /**
   * @throws UserError when a path holds nothing a report can show
   */
  static Material read(List<String> paths, Configuration hadoop) throws IOException {
    Reader reader = new Reader(paths.size() == 1, hadoop);
    Map<String, String> names = names(paths);
    for (String path : paths) {
      reader.read(new Path(path), names.get(path));
    }
    for (RunRecord run : List.copyOf(reader.runs)) {
      reader.cleaningOf(run);
    }
    return new Material(reader.runs, reader.results, reader.cleanings);
  }

  /** The last part of each path, with the one before where two would be the same. */
  private static Map<String, String> names(List<String> paths) {
    Map<String, Integer> uses = new HashMap<>();
    paths.forEach(path -> uses.merge(new Path(path).getName(), 1, Integer::sum));
    Map<String, String> names = new LinkedHashMap<>();
    for (String text : paths) {
      Path path = new Path(text);
      String last = path.getName();
      boolean clash = uses.get(last) > 1 && path.getParent() != null;
      names.put(text, clash ? path.getParent().getName() + "/" + last : last);
    }
    return names;
  }

  private static final class Reader {
    /** Where there is one path, its name tells nothing apart. */
    private final boolean alone;

    private final Configuration hadoop;
    private final List<RunRecord> runs = new ArrayList<>();
    private final List<Kept> results = new ArrayList<>();
    private final List<CleaningRecord> cleanings = new ArrayList<>();

    Reader(boolean alone, Configuration hadoop) {
      this.alone = alone;
      this.hadoop = hadoop;
    }

    void read(Path path, String name) throws IOException {
      RunFiles files = new RunFiles(path, hadoop);
      if (!files.exists(path)) {
        throw new UserError("there is no such path", path.toString(), "check the path");
      }
      if (!files.isDirectory(path)) {
        file(path, name, files);
      } else if (RunRecord.is(path, files)) {
        runs.add(RunRecord.read(name, path, files));
        for (FileStatus kind : files.list(new Path(path, "evaluations"))) {
          int before = results.size();
          results(kind.getPath(), name + " " + kind.getPath().getName(), files);
          merge(before, kind.getPath().getName());
        }
      } else if (CleaningRecord.is(path, files)) {
        cleanings.add(CleaningRecord.read(name, path, files));
      } else if (results(path, alone ? "" : name, files) == 0) {
        throw new UserError(
            "here is neither a run, nor results of evaluations, nor a cleaned face set",
            path.toString(),
            "name what train, evaluate --output or drop-topk wrote");
      }
    }

    private void file(Path path, String name, RunFiles files) throws IOException {
      JsonNode content = files.json(path).orElseThrow();
      if (content.has("protocol")) {
        add(name.replaceFirst("\\.json$", ""), path);
        return;
      }
      boolean history = content.isObject() && !content.isEmpty();
      for (JsonNode value : content) {
        history &= value.isArray();
      }
      if (!history) {
        throw new UserError(
            "the file is neither a history nor a result of an evaluation",
            path.toString(),
            "name a history.json, an original's _hist.json, or what evaluate --output wrote");
      }
      runs.add(
          RunRecord.ofHistory(name.replaceFirst("(_hist)?\\.json$", ""), path.toString(), content));
    }

    /** All results under a directory, however deep; how many there are. */
    private int results(Path directory, String name, RunFiles files) throws IOException {
      int found = 0;
      for (FileStatus status : files.list(directory)) {
        Path path = status.getPath();
        if (status.isDirectory()) {
          found += results(path, (name + " " + path.getName()).strip(), files);
        } else if (path.getName().endsWith(".json")) {
          add(name.isEmpty() ? directory.getName() : name, path);
          found++;
        }
      }
      return found;
    }

    /** The last epoch of a run is often the best: one result of two names then. */
    private void merge(int from, String kind) {
      for (Kept later : List.copyOf(results.subList(from, results.size()))) {
        for (int i = 0; i < from; i++) {
          EvaluationResult earlier = results.get(i).result();
          if (earlier.set().equals(later.result().set())
              && earlier.model().equals(later.result().model())
              && earlier.figures().equals(later.result().figures())) {
            results.set(i, new Kept(results.get(i).name() + " and " + kind, earlier));
            results.remove(later);
          }
        }
      }
    }

    private void add(String name, Path path) throws IOException {
      EvaluationResult result = EvaluationResult.read(path, hadoop);
      String variant = result.variant() == null ? "" : ", " + result.variant();
      results.add(new Kept(name + variant, result));
    }

    /** A run on a cleaned set shows what was dropped, as long as the set is there. */
    private void cleaningOf(RunRecord run) throws IOException {
      if (run.trainedOn().isEmpty()) {
        return;
      }
      Path set = new Path(run.trainedOn());
      RunFiles files = new RunFiles(set, hadoop);
      for (CleaningRecord one : cleanings) {
        if (files.same(set, new Path(one.path()))) {
          return;
        }
      }
      if (CleaningRecord.is(set, files)) {
        cleanings.add(CleaningRecord.read(set.getName(), set, files));
      }
    }
  }
}
