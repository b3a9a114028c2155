package io.sparkface.pipeline.evaluate.folder;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.Vectors;
import io.sparkface.pipeline.prepare.PersonFolders;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures of people and their L2-normalised embeddings. People without a picture are not in it, so
 * that people are numbered without gaps (trap 56).
 *
 * @param people names, by number
 * @param pictures paths
 * @param person number of the person each picture shows
 * @param embeddings [pictures][width], normalised
 */
record Gallery(List<String> people, List<String> pictures, int[] person, float[][] embeddings) {
  /**
   * @param raw in the order of {@link #paths}; normalised here
   */
  static Gallery of(PersonFolders folders, float[][] raw) {
    List<String> people = new ArrayList<>();
    int[] person = new int[raw.length];
    float[][] embeddings = new float[raw.length][];
    int i = 0;
    for (PersonFolders.Person one : folders.people()) {
      for (int p = 0; p < one.pictures().size(); p++) {
        person[i] = people.size();
        embeddings[i] = Vectors.normalised(raw[i]);
        i++;
      }
      people.add(one.name());
    }
    if (people.size() < 2) {
      throw new UserError(
          "there is one person only", folders.toString(), "name a folder with two or more");
    }
    return new Gallery(people, paths(folders), person, embeddings);
  }

  /** All pictures, person by person. */
  static List<String> paths(PersonFolders folders) {
    return folders.people().stream().flatMap(person -> person.pictures().stream()).toList();
  }

  int size() {
    return person.length;
  }

  int width() {
    return embeddings[0].length;
  }

  /** Sum of each person's embeddings, [people][width]. */
  double[][] sums() {
    double[][] sums = new double[people.size()][width()];
    for (int i = 0; i < person.length; i++) {
      for (int d = 0; d < width(); d++) {
        sums[person[i]][d] += embeddings[i][d];
      }
    }
    return sums;
  }

  /** How many pictures each person has. */
  int[] counts() {
    int[] counts = new int[people.size()];
    for (int p : person) {
      counts[p]++;
    }
    return counts;
  }
}
