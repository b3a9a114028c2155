package io.sparkface.pipeline.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * What {@code drop-topk} took out of a set.
 *
 * @param degrees largest angle that stays
 * @param centre what it is measured to
 * @param images before
 * @param kept after
 * @param identities before
 * @param left identities with an image after
 * @param angles dropped images by angle to the centre, in bins of {@value #BIN} degrees
 * @param worst identities that lost most images
 */
record CleaningRecord(
    String name,
    String path,
    String degrees,
    String centre,
    long images,
    long kept,
    int identities,
    int left,
    long[] angles,
    List<Person> worst) {
  static final int BIN = 5;
  private static final int WORST = 20;

  /** What became of an identity. */
  record Person(String identity, int images, int kept) {}

  /** Whether a directory is a cleaned set's. */
  static boolean is(Path directory, RunFiles files) throws IOException {
    return files.exists(new Path(directory, "identities.jsonl"))
        && files.exists(new Path(directory, "manifest.json"));
  }

  static CleaningRecord read(String name, Path directory, RunFiles files) throws IOException {
    List<Person> people = new ArrayList<>();
    files.lines(
        new Path(directory, "identities.jsonl"),
        line ->
            people.add(
                new Person(
                    line.path("identity").asText(),
                    line.path("images").asInt(),
                    line.path("kept").asInt())));
    long[] angles = new long[180 / BIN];
    for (FileStatus file : files.list(directory)) {
      if (file.getPath().getName().matches("dropped-\\d+\\.jsonl")) {
        files.lines(
            file.getPath(),
            line -> {
              int bin = (int) (line.path("degrees").asDouble() / BIN);
              angles[Math.max(0, Math.min(angles.length - 1, bin))]++;
            });
      }
    }
    JsonNode manifest = files.json(new Path(directory, "manifest.json")).orElseThrow();
    return new CleaningRecord(
        name,
        directory.toString(),
        manifest.path("options").path("angle").asText("–"),
        manifest.path("options").path("centre").asText("dominant sub-centre"),
        people.stream().mapToLong(Person::images).sum(),
        people.stream().mapToLong(Person::kept).sum(),
        people.size(),
        (int) people.stream().filter(person -> person.kept() > 0).count(),
        angles,
        people.stream()
            .filter(person -> person.kept() < person.images())
            .sorted(
                Comparator.comparingInt((Person person) -> person.kept() - person.images())
                    .thenComparing(Person::identity))
            .limit(WORST)
            .toList());
  }
}
