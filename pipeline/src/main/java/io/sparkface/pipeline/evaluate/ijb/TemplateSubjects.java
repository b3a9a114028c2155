package io.sparkface.pipeline.evaluate.ijb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Templates of a gallery or probe list, each with its person, in the list's order. */
public record TemplateSubjects(List<Entry> entries) {
  /** A template and whom it shows. */
  public record Entry(int template, String subject) {}

  public TemplateSubjects {
    entries = List.copyOf(entries);
  }

  /** The subject of a template is that of its first row. */
  static final class Builder {
    private final Map<Integer, String> subjects = new LinkedHashMap<>();

    void add(int template, String subject) {
      subjects.putIfAbsent(template, subject);
    }

    TemplateSubjects build() {
      List<Entry> entries = new ArrayList<>(subjects.size());
      subjects.forEach((template, subject) -> entries.add(new Entry(template, subject)));
      return new TemplateSubjects(entries);
    }
  }
}
