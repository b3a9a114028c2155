package io.sparkface.models.interop.keras;

import io.sparkface.base.UserError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of a network's layers got which of a file's, to find what may have been mistaken for one
 * another: layers side by side, whose weights have one shape. Layers behind one another are saved
 * in their order; of those side by side only names tell, as {@code block1_0_conv} and {@code
 * block1_3_conv}, or {@code conv2d} and {@code conv2d_1}.
 */
final class Assignments {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

  private final Map<String, List<String>> inputs;
  private final Map<String, Set<String>> before = new HashMap<>();
  private final Map<String, List<Assignment>> byShape = new HashMap<>();

  /**
   * @param inputs of each vertex of the network
   */
  Assignments(Map<String, List<String>> inputs) {
    this.inputs = inputs;
  }

  private record Assignment(String vertex, String layer) {}

  /** In the order in which the network was put together. */
  void add(String vertex, String shape, String layer) {
    byShape.computeIfAbsent(shape, key -> new ArrayList<>()).add(new Assignment(vertex, layer));
  }

  /**
   * @throws UserError naming two layers of the file that could be either of two of the network
   */
  void check(String where) {
    for (List<Assignment> alike : byShape.values()) {
      for (int i = 0; i < alike.size(); i++) {
        for (int j = i + 1; j < alike.size(); j++) {
          Assignment first = alike.get(i);
          Assignment second = alike.get(j);
          if (sideBySide(first.vertex(), second.vertex())
              && !counted(first.layer(), second.layer())) {
            throw new UserError(
                "the weights of '"
                    + first.layer()
                    + "' and '"
                    + second.layer()
                    + "' have one shape, and nothing tells which is whose in '"
                    + first.vertex()
                    + "' and '"
                    + second.vertex()
                    + "'",
                where,
                "take the model as a teacher, or its weights from a PyTorch state dict");
          }
        }
      }
    }
  }

  private boolean sideBySide(String first, String second) {
    return !first.equals(second)
        && !before(first).contains(second)
        && !before(second).contains(first);
  }

  private Set<String> before(String vertex) {
    Set<String> known = before.get(vertex);
    if (known != null) {
      return known;
    }
    Set<String> found = new HashSet<>();
    List<String> open = new ArrayList<>(List.of(vertex));
    while (!open.isEmpty()) {
      for (String input : inputs.getOrDefault(open.remove(open.size() - 1), List.of())) {
        if (found.add(input)) {
          open.add(input);
        }
      }
    }
    before.put(vertex, found);
    return found;
  }

  /** Whether two names differ in numbers alone, the first of them smaller. */
  private static boolean counted(String first, String second) {
    String[] names = {first, second};
    if (!NUMBER.matcher(first).find() || second.startsWith(first + "_")) {
      // Keras gives the first layer of a kind no number
      names[0] = first + "_0";
    }
    if (!NUMBER.matcher(names[0]).replaceAll("#").equals(NUMBER.matcher(second).replaceAll("#"))) {
      return false;
    }
    Matcher a = NUMBER.matcher(names[0]);
    Matcher b = NUMBER.matcher(second);
    while (a.find() && b.find()) {
      int difference = Integer.parseInt(a.group()) - Integer.parseInt(b.group());
      if (difference != 0) {
        return difference < 0;
      }
    }
    return false;
  }
}
