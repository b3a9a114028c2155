package io.sparkface.datasets.faces;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Labels of identities (spec 2.1): their rank, by number where every name is made of digits alone,
 * else by letters. So 7 is not necessarily label 7.
 */
public final class ClassNumbering {
  private final List<String> names;
  private final Map<String, Integer> labels = new HashMap<>();

  public ClassNumbering(Collection<String> identities) {
    List<String> sorted = new ArrayList<>(new TreeSet<>(identities));
    if (sorted.stream().allMatch(name -> name.matches("[0-9]{1,18}"))) {
      sorted.sort(
          Comparator.<String>comparingLong(Long::parseLong)
              .thenComparing(Comparator.naturalOrder()));
    }
    this.names = List.copyOf(sorted);
    for (int label = 0; label < names.size(); label++) {
      labels.put(names.get(label), label);
    }
  }

  /** Identities by label. */
  public List<String> names() {
    return names;
  }

  /**
   * @throws IllegalArgumentException when the identity was not numbered
   */
  public int label(String identity) {
    Integer label = labels.get(identity);
    if (label == null) {
      throw new IllegalArgumentException("unknown identity " + identity);
    }
    return label;
  }
}
