package io.sparkface.pipeline.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Curves of a run: a name → one value per epoch, in the original's {@code _hist.json} layout (spec
 * 6.2): {@code lr}, {@code loss}, {@code accuracy}, each head's own loss where there are several,
 * and per pair set {@code NAME} and {@code NAME_thresh}. All lists are of one length, null where an
 * epoch has no such value; the original leaves these out, so that a curve of its does not tell
 * which epochs it is of. {@code loss} is without regularisation, whose value at the end of the
 * epoch is {@code regular_loss}; the original takes that end value off a mean that held it at every
 * step.
 */
final class History {
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  /** The first {@code epochs} epochs of an earlier history. */
  static History of(Map<String, List<Double>> earlier) {
    History history = new History();
    earlier.forEach((name, list) -> history.values.put(name, new ArrayList<>(list)));
    return history;
  }

  /** Adds an epoch's values; a curve that has none then, or had none before, has null there. */
  void add(Map<String, Double> epoch) {
    int before = values.values().stream().mapToInt(List::size).max().orElse(0);
    epoch.keySet().forEach(name -> values.computeIfAbsent(name, key -> new ArrayList<>()));
    values.forEach(
        (name, curve) -> {
          while (curve.size() < before) {
            curve.add(null);
          }
          curve.add(epoch.get(name));
        });
  }

  Map<String, List<Double>> values() {
    return values;
  }

  void write(Path file, Configuration hadoop) throws IOException {
    byte[] content = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(values);
    Replacement.write(file, hadoop, out -> out.write(content));
  }
}
