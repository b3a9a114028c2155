package io.sparkface.pipeline.distill;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * Embeddings by image key. On disk: one Parquet shard per file of the face set with columns {@code
 * key} (int64) and {@code embedding} (D little-endian float32, not normalised), {@code
 * manifest.json} and {@code _SUCCESS}.
 */
public final class EmbeddingSet {
  static final String MANIFEST = "manifest.json";

  private final Path directory;
  private final int width;
  private final Map<Long, float[]> embeddings;

  /**
   * What the shards hold.
   *
   * @param rows embeddings
   * @param width values of each
   * @param faces the set they belong to
   * @param teacher the model that made them
   */
  public record Manifest(long rows, int width, String faces, String teacher) {}

  private EmbeddingSet(Path directory, int width, Map<Long, float[]> embeddings) {
    this.directory = directory;
    this.width = width;
    this.embeddings = embeddings;
  }

  /** Reads a complete set into memory: 4 * D bytes an image. */
  public static EmbeddingSet open(Path directory, Configuration hadoop) {
    try {
      FileSystem fs = directory.getFileSystem(hadoop);
      if (!fs.exists(new Path(directory, "_SUCCESS"))) {
        throw new UserError(
            "not a complete set of embeddings: it has no _SUCCESS",
            directory.toString(),
            "run distill again with the same output; it goes on where it stopped");
      }
      Manifest manifest;
      try (InputStream in = fs.open(new Path(directory, MANIFEST))) {
        manifest = new ObjectMapper().readValue(in, Manifest.class);
      }
      Map<Long, float[]> embeddings = new HashMap<>();
      for (FileStatus shard : fs.globStatus(new Path(directory, "shard-*.parquet"))) {
        read(shard.getPath(), manifest.width(), embeddings, hadoop);
      }
      if (embeddings.size() != manifest.rows()) {
        throw new UserError(
            "the set has "
                + embeddings.size()
                + " embeddings, its manifest says "
                + manifest.rows(),
            directory.toString(),
            "run distill again into a new output");
      }
      return new EmbeddingSet(directory, manifest.width(), embeddings);
    } catch (IOException e) {
      throw new UserError(
          "the embeddings cannot be read: " + e.getMessage(),
          directory.toString(),
          "name a directory that distill wrote",
          e);
    }
  }

  private static void read(Path shard, int width, Map<Long, float[]> into, Configuration hadoop)
      throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), shard).withConf(hadoop).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        ByteBuffer bytes =
            row.getBinary("embedding", 0).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() != 4 * width) {
          throw new UserError(
              "an embedding has " + bytes.remaining() + " bytes, not " + 4 * width,
              shard.toString(),
              "run distill again into a new output");
        }
        float[] values = new float[width];
        bytes.asFloatBuffer().get(values);
        into.put(row.getLong("key", 0), values);
      }
    }
  }

  /** Values of each embedding. */
  public int width() {
    return width;
  }

  /** The embedding of an image; a {@link UserError} where the set has none. */
  public float[] embedding(long key) {
    float[] found = embeddings.get(key);
    if (found == null) {
      throw new UserError(
          "there is no teacher embedding for image " + key,
          directory.toString(),
          "run distill on the set that is trained on");
    }
    return found;
  }

  /** Refuses a set that was made for other images than {@code faces}. */
  public void requireAllOf(FaceSet faces) {
    if (embeddings.size() < faces.manifest().rows()) {
      throw new UserError(
          "there are "
              + embeddings.size()
              + " embeddings for "
              + faces.manifest().rows()
              + " images",
          directory.toString(),
          "run distill on the set that is trained on");
    }
  }
}
