package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.ClassNumbering;
import io.sparkface.datasets.faces.IdentityName;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** A source of faces with what is wanted of it. */
public final class FaceInput {
  private final Options options;
  private final FaceSource source;

  /**
   * What is read.
   *
   * @param path of a {@code .rec}, a folder with {@code train.rec}, a face set, or person folders
   * @param prefix put before every identity's name, so that people of two sources stay apart
   * @param badRecords most bad records that are left out and listed; 0 refuses the first
   */
  public record Options(
      String path, String prefix, FaceSelection selection, PictureRules pictures, long badRecords) {
    public Options {
      if (!prefix.isEmpty()) {
        IdentityName.check(prefix, "--identity-prefix");
      }
    }

    /** Everything, unchanged. */
    public static Options all(String path, long badRecords) {
      return new Options(path, "", FaceSelection.ALL, PictureRules.UNCHANGED, badRecords);
    }
  }

  private FaceInput(Options options, FaceSource source) {
    this.options = options;
    this.source = source;
  }

  /**
   * @throws UserError when it is no such thing
   */
  static FaceInput open(Options options, Configuration hadoop) throws IOException {
    return new FaceInput(options, FaceSource.of(options.path(), hadoop));
  }

  /** Size of the input in bytes. */
  long bytes() {
    return source.bytes();
  }

  /** Every image that the lists of names allow, and every bad place. */
  JavaRDD<Entry> entries(JavaSparkContext spark) {
    FaceSelection selection = options.selection();
    PictureRules pictures = options.pictures();
    String prefix = options.prefix();
    return source
        .entries(spark)
        .filter(entry -> !(entry instanceof Entry.Good face) || selection.allows(face.identity()))
        .map(entry -> entry instanceof Entry.Good face ? pictures.apply(face) : entry)
        .map(entry -> prefix.isEmpty() ? entry : entry.withPrefix(prefix));
  }

  /**
   * Reads everything, once, and keeps nothing but what it holds.
   *
   * @throws UserError as {@link #accepted}
   */
  Survey survey(JavaSparkContext spark) {
    Survey found =
        entries(spark)
            .mapPartitions(
                part -> {
                  Survey survey = new Survey();
                  part.forEachRemaining(survey::add);
                  return Collections.singleton(survey).iterator();
                })
            .treeReduce(Survey::plus);
    return accepted(found.checked());
  }

  /**
   * A survey of this input, where it holds images and not too many bad records.
   *
   * @throws UserError otherwise
   */
  Survey accepted(Survey found) {
    if (found.badPlaces() > options.badRecords()) {
      Survey.BadPlace first = found.bad().get(0);
      throw new UserError(
          first.reason()
              + " ("
              + found.badPlaces()
              + " bad records in all, "
              + options.badRecords()
              + " allowed)",
          first.where(),
          "repair the input, or leave bad records out by --on-bad-record=quarantine"
              + " --max-bad-records=N");
    }
    if (found.images() == 0) {
      throw new UserError("there is no image in it", options.path(), "check --input");
    }
    return found;
  }

  /** The identities that are taken, in the order of their labels. */
  List<String> names(Survey survey) {
    Map<String, Long> images = survey.imagesByIdentity();
    List<String> inOrder =
        source
            .numbered()
            .map(names -> names.stream().map(name -> options.prefix() + name).toList())
            .orElseGet(() -> new ClassNumbering(images.keySet()).names());
    return options.selection().of(inOrder, images);
  }
}
