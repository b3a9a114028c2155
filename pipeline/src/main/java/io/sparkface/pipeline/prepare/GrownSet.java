package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.KeepList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A set that another one begins with: none of its pictures is copied, the new set lists its rows
 * ({@link KeepList}), so it has to stay. Its labels stay too; people that are new get the numbers
 * behind them.
 */
public final class GrownSet {
  private final Options options;
  private final FaceSet faces;
  private final List<FaceClass> classes;
  private final Configuration hadoop;

  /** Whether people of one name in both are one person. */
  public enum SameNames {
    REFUSE,
    ONE_PERSON
  }

  /**
   * @param set that is added to
   */
  public record Options(String set, SameNames sameNames) {}

  private GrownSet(Options options, FaceSet faces, List<FaceClass> classes, Configuration hadoop) {
    this.options = options;
    this.faces = faces;
    this.classes = classes;
    this.hadoop = hadoop;
  }

  static GrownSet open(Options options, Configuration hadoop) {
    FaceSet faces = FaceSet.open(new Path(options.set()), hadoop);
    return new GrownSet(options, faces, faces.classes(hadoop), hadoop);
  }

  int files() {
    return faces.files().size();
  }

  long rows() {
    return faces.manifest().rows();
  }

  long quarantined() {
    return faces.manifest().quarantined();
  }

  /** New images under keys, and file names where people are merged, that the set has not. */
  JavaRDD<Entry> keyed(JavaRDD<Entry> entries) {
    long behind = faces.largestKey() + 1;
    boolean merged = options.sameNames() == SameNames.ONE_PERSON;
    return entries.map(
        entry -> {
          if (entry instanceof Entry.IdentityRange range) {
            return range.moved(behind);
          }
          if (!(entry instanceof Entry.Good face)) {
            return entry;
          }
          long key = behind + face.key();
          String name = face.source().substring(face.source().indexOf('/') + 1);
          return face.withKey(
              key, merged ? face.identity() + "/" + key + "-" + name : face.source());
        });
  }

  /**
   * Labels of new people.
   *
   * @throws UserError when the set has one of them and they are not to be merged
   */
  Map<String, Integer> labels(List<String> names) {
    Map<String, Integer> known = new HashMap<>();
    classes.forEach(one -> known.put(one.identity(), one.label()));
    Map<String, Integer> labels = new HashMap<>();
    int next = faces.identities();
    for (String name : names) {
      Integer label = known.get(name);
      if (label != null && options.sameNames() == SameNames.REFUSE) {
        throw new UserError(
            "the set has an identity '" + name + "' already",
            options.set(),
            "give the new ones other names by --identity-prefix, or pass --same-people where they"
                + " are the same people");
      }
      labels.put(name, label == null ? next++ : label);
    }
    return labels;
  }

  /** The classes of the new set, by label. */
  List<FaceClass> classesWith(List<FaceClass> added) {
    Map<Integer, FaceClass> all = new TreeMap<>();
    classes.forEach(one -> all.put(one.label(), one));
    for (FaceClass one : added) {
      all.merge(
          one.label(),
          one,
          (a, b) -> new FaceClass(a.identity(), a.label(), a.images() + b.images()));
    }
    return new ArrayList<>(all.values());
  }

  /** Lists the set's rows in the new one. */
  void link(JavaSparkContext spark, StagedOutput output) throws IOException {
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    String directory = output.partDirectory().toString();
    List<String> files = faces.files();
    List<StagedOutput.Part> lists =
        spark
            .parallelize(files, files.size())
            .zipWithIndex()
            .map(file -> list(file._1(), file._2(), directory, configuration.value()))
            .collect();
    for (StagedOutput.Part list : lists) {
      output.accept(list);
    }
    output.dropUnaccepted();
  }

  private static StagedOutput.Part list(
      String name, long number, String directory, Configuration hadoop) throws IOException {
    StagedOutput.Part part =
        StagedOutput.Part.inTask(
            directory, String.format(Locale.ROOT, "part-%05d", number) + KeepList.SUFFIX);
    try (FaceFile file = FaceFile.openNames(new Path(name), hadoop);
        KeepList.Writer rows = new KeepList.Writer(part.path(), file.images(), hadoop)) {
      for (int group = 0; group < file.rowGroupCount(); group++) {
        List<FaceRecord> read = file.read(group);
        for (int i = 0; i < read.size(); i++) {
          rows.keep(file.position(group, i), read.get(i).label());
        }
      }
    }
    return part;
  }
}
