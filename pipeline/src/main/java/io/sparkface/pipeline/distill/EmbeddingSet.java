package io.sparkface.pipeline.distill;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.datasets.interchange.ImageList;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A teacher's embeddings of a face set. On disk: one {@link EmbeddingFile} per file of the set, in
 * its row order, {@code manifest.json} and {@code _SUCCESS}. The two are read in step, so that no
 * more is in memory than a row group.
 */
public final class EmbeddingSet {
  private static final String MANIFEST = "manifest.json";
  static final String SUCCESS = "_SUCCESS";

  private final Manifest manifest;
  private final Map<RowGroup, Place> places;
  private final Configuration hadoop;

  /**
   * What the shards hold.
   *
   * @param rows embeddings
   * @param width values of each
   * @param faces the set they belong to
   * @param teacher the model that made them, or models one after the other
   * @param precision of the values on disk
   */
  public record Manifest(
      long rows, int width, String faces, String teacher, EmbeddingFile.Precision precision) {}

  /** Where a row group's embeddings may begin. */
  private record Place(Path shard, long row) {}

  private EmbeddingSet(Manifest manifest, Map<RowGroup, Place> places, Configuration hadoop) {
    this.manifest = manifest;
    this.places = places;
    this.hadoop = hadoop;
  }

  /**
   * @param faces the set that is trained on: the one that was embedded, or one cleaned from it
   * @throws UserError when the embeddings are incomplete, or of another set
   */
  public static EmbeddingSet open(Path directory, FaceSet faces, Configuration hadoop) {
    try {
      Manifest manifest = manifest(directory, hadoop);
      List<Path> shards = shards(directory, hadoop);
      if (shards.size() != faces.files().size() || manifest.rows() < faces.manifest().rows()) {
        throw new UserError(
            "there are "
                + manifest.rows()
                + " embeddings in "
                + shards.size()
                + " shards for "
                + faces.manifest().rows()
                + " images in "
                + faces.files().size()
                + " files",
            directory.toString(),
            "run distill on the set that is trained on");
      }
      Map<RowGroup, Place> places = new HashMap<>();
      Map<String, Long> rows = new HashMap<>();
      for (RowGroup group : faces.rowGroups()) {
        long before = rows.getOrDefault(group.file(), 0L);
        places.put(group, new Place(shards.get(faces.files().indexOf(group.file())), before));
        rows.put(group.file(), before + group.rows());
      }
      return new EmbeddingSet(manifest, places, hadoop);
    } catch (IOException e) {
      throw new UserError(
          "the embeddings cannot be read: " + e.getMessage(),
          directory.toString(),
          "name a directory that distill wrote",
          e);
    }
  }

  /** Says of a set whose shards are all there what it is, and that it is complete. */
  static Manifest complete(Path directory, Manifest manifest, Configuration hadoop)
      throws IOException {
    byte[] content =
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest);
    Replacement.write(new Path(directory, MANIFEST), hadoop, out -> out.write(content));
    Replacement.write(new Path(directory, SUCCESS), hadoop, out -> {});
    return manifest;
  }

  /** What a complete set says of itself. */
  public static Manifest manifest(Path directory, Configuration hadoop) throws IOException {
    FileSystem fs = directory.getFileSystem(hadoop);
    if (ImageList.named(directory.getName())) {
      throw new UserError(
          "embeddings are not trained on as a .npz or .tfrecord",
          directory.toString(),
          "bring them into the set's order once: distill --embeddings FILE --data SET --output"
              + " DIR");
    }
    if (!fs.exists(new Path(directory, SUCCESS))) {
      throw new UserError(
          "not a complete set of embeddings: it has no " + SUCCESS,
          directory.toString(),
          "run distill again with the same output; it goes on where it stopped");
    }
    try (InputStream in = fs.open(new Path(directory, MANIFEST))) {
      return new ObjectMapper().readValue(in, Manifest.class);
    }
  }

  /** Its shards, by name. */
  static List<Path> shards(Path directory, Configuration hadoop) throws IOException {
    FileStatus[] found =
        directory.getFileSystem(hadoop).globStatus(new Path(directory, "shard-*.parquet"));
    return Arrays.stream(found).map(FileStatus::getPath).sorted().toList();
  }

  /** Values of each embedding. */
  public int width() {
    return manifest.width();
  }

  /**
   * The embeddings of a row group, in its order.
   *
   * @param rows the images of that group
   * @throws UserError when there is none for one of them
   */
  public float[][] of(RowGroup group, List<FaceRecord> rows) throws IOException {
    Place place = places.get(group);
    try (EmbeddingFile shard = EmbeddingFile.open(place.shard(), hadoop)) {
      return shard.of(rows, place.row());
    }
  }
}
