package io.sparkface.pipeline.clean;

import io.sparkface.datasets.faces.FaceRecord;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which images stay: those whose cosine with their identity's dominant sub-centre, the one most of
 * its images vote for, is strictly above cos(angle) (spec 8).
 */
final class DominantCentres {
  private DominantCentres() {}

  /**
   * @param votes of all images
   * @param identities number of identities
   * @param perIdentity sub-centres per identity
   * @param degrees largest angle to the dominant sub-centre
   */
  static Decision decide(List<Votes> votes, int identities, int perIdentity, double degrees) {
    int[][] counts = new int[identities][perIdentity];
    for (Votes vote : votes) {
      counts[vote.label()][vote.choice()]++;
    }
    int[] dominant = new int[identities];
    for (int c = 0; c < identities; c++) {
      for (int k = 1; k < perIdentity; k++) {
        if (counts[c][k] > counts[c][dominant[c]]) {
          dominant[c] = k;
        }
      }
    }
    double least = Math.cos(Math.toRadians(degrees));
    Set<Long> dropped = new HashSet<>();
    int[] kept = new int[identities];
    for (Votes vote : votes) {
      if (vote.cosines()[dominant[vote.label()]] > least) {
        kept[vote.label()]++;
      } else {
        dropped.add(vote.key());
      }
    }
    int[] labels = new int[identities];
    int next = 0;
    for (int c = 0; c < identities; c++) {
      labels[c] = kept[c] > 0 ? next++ : -1;
    }
    return new Decision(dropped, labels, next);
  }

  /**
   * @param dropped keys of the images that go
   * @param labels new label of each identity, consecutive, or -1 where nothing of it is left
   * @param identities how many are left
   */
  record Decision(Set<Long> dropped, int[] labels, int identities) implements Serializable {
    boolean keeps(FaceRecord row) {
      return !dropped.contains(row.key());
    }

    FaceRecord relabelled(FaceRecord row) {
      return new FaceRecord(
          row.identity(),
          labels[row.label()],
          row.key(),
          row.image(),
          row.width(),
          row.height(),
          row.source());
    }
  }
}
