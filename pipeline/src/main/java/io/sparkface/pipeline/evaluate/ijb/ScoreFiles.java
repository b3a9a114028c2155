package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.base.UserError;
import io.sparkface.datasets.interchange.NpyArray;
import io.sparkface.datasets.interchange.NpzWriter;
import io.sparkface.pipeline.output.Replacement;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Scores of the 1:1 protocol in files, in the original's layout (spec 7.5): an {@code .npz} of
 * {@code scores} [combinations][pairs], {@code names} of the combinations and {@code label}, 1 for
 * a pair of one person. Read are these, whoever wrote them, and a {@code .npy} of one
 * combination's.
 */
public final class ScoreFiles {
  private static final int PART = 1 << 14;
  private static final int MOST = 1 << 28;

  private final Configuration hadoop;

  public ScoreFiles(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * A combination's scores.
   *
   * @param file they were read from
   * @param name of the combination; empty where the file does not tell
   */
  public record Scores(String file, String name, float[] scores, BitSet same) {
    public IjbEvaluation.Verification verification() {
      return IjbEvaluation.Verification.of(this);
    }
  }

  /** Takes what is read, of which one is held at a time. */
  public interface Reader {
    void take(Scores scores) throws IOException;
  }

  /** Writes {@code directory/NAME.npz}, in place of one that is there. */
  public void write(String directory, String name, float[] scores, BitSet same) throws IOException {
    Path file = new Path(directory, name + ".npz");
    Replacement.write(file, hadoop, whole -> write(name, scores, same, whole));
  }

  private static void write(String name, float[] scores, BitSet same, OutputStream whole)
      throws IOException {
    try (NpzWriter npz = new NpzWriter(new BufferedOutputStream(whole))) {
      npz.add("names", "<U" + name.length(), new long[] {1}, out -> letters(name, out));
      npz.add("label", "|i1", new long[] {scores.length}, out -> labels(scores.length, same, out));
      npz.add("scores", "<f4", new long[] {1, scores.length}, out -> floats(scores, out));
    }
  }

  private static void letters(String name, OutputStream out) throws IOException {
    ByteBuffer letters = ByteBuffer.allocate(4 * name.length()).order(ByteOrder.LITTLE_ENDIAN);
    name.chars().forEach(letters::putInt);
    out.write(letters.array());
  }

  private static void labels(int count, BitSet same, OutputStream out) throws IOException {
    byte[] part = new byte[PART];
    for (int i = 0; i < count; i += PART) {
      int size = Math.min(PART, count - i);
      for (int j = 0; j < size; j++) {
        part[j] = (byte) (same.get(i + j) ? 1 : 0);
      }
      out.write(part, 0, size);
    }
  }

  private static void floats(float[] scores, OutputStream out) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(4 * PART).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < scores.length; i += PART) {
      int size = Math.min(PART, scores.length - i);
      part.asFloatBuffer().put(scores, i, size);
      out.write(part.array(), 0, 4 * size);
    }
  }

  /**
   * Reads the scores of {@code files} one after another.
   *
   * @param files {@code .npz} and {@code .npy}, and at most one {@code template_pair_label.txt}
   *     that tells which pairs are of one person
   * @param release asked where neither a file of scores nor such a list tells that
   * @throws UserError when a file is no such, a score is not finite, or there are not as many
   *     labels as scores
   */
  public void read(List<String> files, Optional<IjbRelease> release, Reader reader)
      throws IOException {
    List<String> lists = files.stream().filter(file -> file.endsWith(".txt")).toList();
    if (lists.size() > 1 || lists.size() == files.size()) {
      throw new UserError(
          "there are " + lists.size() + " lists of pairs among " + files.size() + " files",
          files.toString(),
          "name files of scores, and one list at most");
    }
    Optional<Labels> listed = Optional.empty();
    for (String file : files) {
      if (file.endsWith(".txt")) {
        continue;
      }
      Optional<Labels> labels = file.endsWith(".npz") ? labels(file) : Optional.empty();
      if (labels.isEmpty()) {
        // one list for all that have no labels of their own
        if (listed.isEmpty()) {
          listed = Optional.of(listed(file, lists, release));
        }
        labels = listed;
      }
      scores(file, labels.get(), reader);
    }
  }

  private record Labels(int count, BitSet same) {}

  private Labels listed(String file, List<String> lists, Optional<IjbRelease> release)
      throws IOException {
    TemplatePairs pairs;
    if (!lists.isEmpty()) {
      pairs = TemplatePairs.read(new Path(lists.get(0)), hadoop);
    } else if (release.isPresent()) {
      pairs = release.get().pairs();
    } else {
      throw new UserError(
          "nothing tells which of its pairs are of one person",
          file,
          "name a template_pair_label.txt with it, or the release in --data");
    }
    return new Labels(pairs.size(), pairs.same());
  }

  private Optional<Labels> labels(String file) throws IOException {
    List<Labels> found = new ArrayList<>();
    member(
        file,
        "label",
        array -> {
          int count = width(array, file);
          found.add(new Labels(count, array.truths(count)));
        });
    return found.stream().findFirst();
  }

  private void scores(String file, Labels labels, Reader reader) throws IOException {
    if (file.endsWith(".npy")) {
      try (InputStream in = open(file)) {
        rows(file, NpyArray.open(in, file), List.of(), labels, reader);
      }
    } else if (file.endsWith(".npz")) {
      List<String> names = new ArrayList<>();
      member(
          file,
          "names",
          array -> {
            for (int i = 0; array.isText() && i < width(array, file); i++) {
              names.add(array.text());
            }
          });
      if (!member(file, "scores", array -> rows(file, array, names, labels, reader))) {
        throw new UserError(
            "the file has no scores", file, "name what evaluate-ijb --scores wrote");
      }
    } else {
      throw new UserError(
          "this is no file of scores", file, "name .npz, .npy, or a list of pairs in .txt");
    }
  }

  private static void rows(
      String file, NpyArray array, List<String> names, Labels labels, Reader reader)
      throws IOException {
    int count = width(array, file);
    if (count != labels.count()) {
      throw new UserError(
          "there are " + count + " scores and " + labels.count() + " labels",
          file,
          "name the list of the pairs that were scored");
    }
    long rows = array.shape().size() > 1 ? array.shape().get(0) : 1;
    for (int row = 0; row < rows; row++) {
      float[] scores = array.floats(count);
      for (int i = 0; i < count; i++) {
        if (!Float.isFinite(scores[i])) {
          throw new UserError(
              "score " + i + " is " + scores[i], file, "score again with a sound model");
        }
      }
      reader.take(
          new Scores(file, row < names.size() ? names.get(row) : "", scores, labels.same()));
    }
  }

  /** Values in a row. */
  private static int width(NpyArray array, String file) {
    int axes = array.shape().size();
    long width = axes == 0 ? 0 : array.shape().get(axes - 1);
    if (axes < 1 || axes > 2 || width < 1 || width > MOST) {
      throw new UserError(
          "an array has the shape " + array.shape(), file, "name rows of up to " + MOST + " pairs");
    }
    return (int) width;
  }

  private interface Member {
    void read(NpyArray array) throws IOException;
  }

  /** Whether the {@code .npz} has the array. */
  private boolean member(String file, String name, Member member) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(open(file))) {
      boolean any = false;
      for (ZipEntry entry = entry(zip); entry != null; entry = entry(zip)) {
        any = true;
        if (entry.getName().equals(name + ".npy")) {
          member.read(NpyArray.open(zip, file + " " + name));
          return true;
        }
      }
      if (!any) {
        throw new ZipException("it has no member");
      }
      return false;
    } catch (ZipException | EOFException e) {
      throw new UserError(
          "the zip is damaged: " + e.getMessage(), file, "copy or save the file again", e);
    }
  }

  private static ZipEntry entry(ZipInputStream zip) throws IOException {
    try {
      return zip.getNextEntry();
    } catch (IllegalArgumentException e) {
      // a name that is no text
      throw (ZipException) new ZipException(e.getMessage()).initCause(e);
    }
  }

  private InputStream open(String file) throws IOException {
    Path path = new Path(file);
    FileSystem fs = path.getFileSystem(hadoop);
    if (!fs.exists(path)) {
      throw new UserError("there is no such file", file, "check the path");
    }
    return new BufferedInputStream(fs.open(path), 1 << 16);
  }
}
