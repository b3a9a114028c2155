package io.sparkface.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * What a run has left so far. Epochs count from 1.
 *
 * @param name in legends
 * @param path of its directory or history
 * @param curves values by name, as in {@code history.json}: {@code lr}, {@code loss}, …
 * @param sets names of the pair sets, in the plan's order
 * @param stages where stages begin
 * @param steps loss of single steps
 * @param facts of its model, by name
 * @param trainedOn path of its face set; empty where it is not told
 */
record RunRecord(
    String name,
    String path,
    Map<String, Curve> curves,
    List<String> sets,
    List<Stage> stages,
    Curve steps,
    Map<String, String> facts,
    String trainedOn) {

  private static final String THRESHOLD = "_thresh";
  private static final Set<String> OTHERS =
      Set.of("lr", "loss", "accuracy", "regular_loss", "stage", "images_per_second");

  /** Values over epochs, evaluations within them included, or over steps. */
  record Curve(double[] x, double[] y) {
    int size() {
      return x.length;
    }

    /** Number of the first highest value; -1 without one. */
    int highest() {
      int best = -1;
      for (int i = 0; i < y.length; i++) {
        if (Double.isFinite(y[i]) && (best < 0 || y[i] > y[best])) {
          best = i;
        }
      }
      return best;
    }
  }

  /**
   * @param epoch the first of it
   */
  record Stage(int number, int epoch) {}

  /** Whether a directory is a run's. */
  static boolean is(Path directory, RunFiles files) throws IOException {
    return files.exists(new Path(directory, "history.json"))
        || files.isDirectory(new Path(directory, "logs"));
  }

  static RunRecord read(String name, Path directory, RunFiles files) throws IOException {
    Events events = new Events();
    for (FileStatus file : files.list(new Path(directory, "logs"))) {
      if (file.getPath().getName().endsWith(".jsonl")) {
        files.lines(file.getPath(), events::add);
      }
    }
    Map<String, Curve> curves = new LinkedHashMap<>();
    Optional<JsonNode> history = files.json(new Path(directory, "history.json"));
    if (history.isPresent()) {
      curves.putAll(history(history.get()));
    }
    int epochs = curves.containsKey("loss") ? curves.get("loss").size() : 0;
    // a run begun with another's checkpoint has that one's history, not its log
    boolean whole = events.epochs.size() == epochs;
    if (whole) {
      curves.putAll(events.scores());
    }
    curves.putAll(events.sinceEpoch(epochs));
    Map<String, String> facts = new LinkedHashMap<>();
    String trainedOn = "";
    for (String model : List.of("model", "best")) {
      Optional<JsonNode> card = files.json(new Path(directory, model + "/model.json"));
      if (card.isPresent() && facts.isEmpty()) {
        facts.putAll(facts(card.get()));
        trainedOn = card.get().path("trainedOn").path("faces").asText("");
      }
    }
    return new RunRecord(
        name,
        directory.toString(),
        curves,
        sets(curves),
        events.stages(epochs),
        new Curve(array(events.steps), array(events.losses)),
        facts,
        trainedOn);
  }

  /** A history alone, such as the original's {@code _hist.json}. */
  static RunRecord ofHistory(String name, String path, JsonNode history) {
    Map<String, Curve> curves = history(history);
    return new RunRecord(
        name,
        path,
        curves,
        sets(curves),
        List.of(),
        new Curve(new double[0], new double[0]),
        Map.of(),
        "");
  }

  private static Map<String, Curve> history(JsonNode history) {
    Map<String, Curve> curves = new LinkedHashMap<>();
    history
        .fields()
        .forEachRemaining(
            entry -> {
              double[] y = new double[entry.getValue().size()];
              for (int i = 0; i < y.length; i++) {
                JsonNode value = entry.getValue().get(i);
                y[i] = value.isNumber() ? value.asDouble() : Double.NaN;
              }
              double[] x = IntStream.rangeClosed(1, y.length).asDoubleStream().toArray();
              curves.put(entry.getKey(), new Curve(x, y));
            });
    return curves;
  }

  private static List<String> sets(Map<String, Curve> curves) {
    return curves.keySet().stream()
        .filter(name -> !OTHERS.contains(name) && curves.containsKey(name + THRESHOLD))
        .toList();
  }

  private static Map<String, String> facts(JsonNode card) {
    Map<String, String> facts = new LinkedHashMap<>();
    JsonNode network = card.path("network");
    String backbone = network.path("backbone").asText("");
    if (!backbone.isEmpty()) {
      facts.put("network", backbone);
    }
    facts.put("loss", card.path("margin").asText("–"));
    facts.put("identities", Html.figure(card.path("classes").asDouble(Double.NaN)));
    facts.put("sub-centres", Html.figure(card.path("subCentres").asDouble(Double.NaN)));
    facts.put("images", card.path("trainedOn").path("rows").asText("–"));
    return facts;
  }

  int epochs() {
    return curves.containsKey("loss") ? curves.get("loss").size() : 0;
  }

  Optional<Curve> curve(String curve) {
    return Optional.ofNullable(curves.get(curve)).filter(found -> found.size() > 0);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The log of a run. */
  private static final class Events {
    private final List<JsonNode> epochs = new ArrayList<>();
    private final List<JsonNode> evaluations = new ArrayList<>();
    private final List<Double> steps = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();

    void add(JsonNode line) {
      switch (line.path("event").asText()) {
        case "epoch" -> epochs.add(line);
        case "evaluation" -> evaluations.add(line);
        case "step" -> {
          steps.add(line.path("step").asDouble());
          losses.add(line.path("loss").asDouble(Double.NaN));
        }
        default -> {
          // written by a later version
        }
      }
    }

    /** Accuracies at the time of each evaluation, epochs without one left out. */
    Map<String, Curve> scores() {
      Map<String, List<double[]>> points = new LinkedHashMap<>();
      for (JsonNode evaluation : evaluations) {
        double at = epoch(evaluation.path("step").asDouble());
        evaluation
            .fields()
            .forEachRemaining(
                entry -> {
                  if (!Set.of("time", "event", "step").contains(entry.getKey())) {
                    points
                        .computeIfAbsent(entry.getKey(), key -> new ArrayList<>())
                        .add(new double[] {at, entry.getValue().asDouble(Double.NaN)});
                  }
                });
      }
      Map<String, Curve> curves = new LinkedHashMap<>();
      points.forEach(
          (name, list) ->
              curves.put(
                  name,
                  new Curve(
                      list.stream().mapToDouble(point -> point[0]).toArray(),
                      list.stream().mapToDouble(point -> point[1]).toArray())));
      return curves;
    }

    /** Epochs done after {@code step} steps, with a share of the one that goes on. */
    private double epoch(double step) {
      double before = 0;
      double length = 0;
      for (int e = 0; e < epochs.size(); e++) {
        double end = epochs.get(e).path("step").asDouble();
        if (step <= end) {
          return e + (end > before ? (step - before) / (end - before) : 1);
        }
        length = end - before;
        before = end;
      }
      return epochs.size() + (length > 0 ? (step - before) / length : 1);
    }

    /** What only the log has; the last epoch it tells of is number {@code last}. */
    Map<String, Curve> sinceEpoch(int last) {
      double first = Math.max(last, epochs.size()) - epochs.size() + 1;
      double[] x = new double[epochs.size()];
      double[] rate = new double[epochs.size()];
      for (int e = 0; e < x.length; e++) {
        x[e] = first + e;
        rate[e] = epochs.get(e).path("images_per_second").asDouble(Double.NaN);
      }
      return Arrays.stream(rate).anyMatch(Double::isFinite)
          ? Map.of("images_per_second", new Curve(x, rate))
          : Map.of();
    }

    List<Stage> stages(int last) {
      int first = Math.max(last, epochs.size()) - epochs.size() + 1;
      List<Stage> stages = new ArrayList<>();
      Set<Integer> seen = new HashSet<>();
      for (int e = 0; e < epochs.size(); e++) {
        JsonNode stage = epochs.get(e).path("stage");
        if (stage.isNumber() && seen.add(stage.asInt())) {
          stages.add(new Stage(stage.asInt() + 1, first + e));
        }
      }
      return stages;
    }
  }
}
