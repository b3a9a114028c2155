package io.sparkface.pipeline.distill;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.interchange.NpzWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A face set's embeddings as the original's {@code .npz} (spec 2.2, 9.1): {@code image_names}
 * ({@code identity/file}), {@code image_classes}, {@code embeddings}. Streamed, whatever their
 * number.
 */
public final class EmbeddingExport {
  private final FaceSet faces;
  private final Path embeddings;
  private final Configuration hadoop;

  public EmbeddingExport(FaceSet faces, Path embeddings, Configuration hadoop) {
    this.faces = faces;
    this.embeddings = embeddings;
    this.hadoop = hadoop;
  }

  /**
   * Writes {@code target}, under another name until it is whole.
   *
   * @throws UserError when it exists
   */
  public void writeTo(Path target) throws IOException {
    FileSystem fs = target.getFileSystem(hadoop);
    if (fs.exists(target)) {
      throw new UserError(
          "the output exists already", target.toString(), "name another file, or delete it first");
    }
    EmbeddingSet.Manifest manifest = EmbeddingSet.manifest(embeddings, hadoop);
    int longest = Math.max(1, longestName());
    Path temporary = new Path(target.getParent(), "." + target.getName() + ".tmp");
    String type = manifest.precision() == EmbeddingFile.Precision.FLOAT16 ? "<f2" : "<f4";
    try (NpzWriter npz = new NpzWriter(new BufferedOutputStream(fs.create(temporary, true)))) {
      long[] each = {manifest.rows()};
      npz.add("image_names", "<U" + longest, each, out -> writeNames(out, longest));
      npz.add("image_classes", "<i8", each, this::writeClasses);
      npz.add(
          "embeddings",
          type,
          new long[] {manifest.rows(), manifest.width()},
          out -> writeEmbeddings(out, manifest.precision()));
    }
    if (!fs.rename(temporary, target)) {
      throw new IOException("cannot rename " + temporary + " to " + target);
    }
  }

  private interface Row {
    void take(FaceRecord row) throws IOException;
  }

  private void eachName(Row row) throws IOException {
    for (String path : faces.files()) {
      try (FaceFile file = FaceFile.openNames(new Path(path), hadoop)) {
        for (int group = 0; group < file.rowGroupCount(); group++) {
          for (FaceRecord face : file.read(group)) {
            row.take(face);
          }
        }
      }
    }
  }

  private int longestName() throws IOException {
    int[] longest = {0};
    eachName(
        row ->
            longest[0] =
                Math.max(longest[0], row.source().codePointCount(0, row.source().length())));
    return longest[0];
  }

  /** numpy's text: UTF-32, each of the same length, zeros behind. */
  private void writeNames(OutputStream out, int longest) throws IOException {
    eachName(
        row -> {
          ByteBuffer name = ByteBuffer.allocate(4 * longest).order(ByteOrder.LITTLE_ENDIAN);
          row.source().codePoints().forEach(name::putInt);
          out.write(name.array());
        });
  }

  private void writeClasses(OutputStream out) throws IOException {
    eachName(
        row ->
            out.write(
                ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(row.label())
                    .array()));
  }

  private void writeEmbeddings(OutputStream out, EmbeddingFile.Precision precision)
      throws IOException {
    for (Path shard : EmbeddingSet.shards(embeddings, hadoop)) {
      try (EmbeddingFile file = EmbeddingFile.open(shard, hadoop)) {
        for (Iterator<Embedding> rows = file.read(); rows.hasNext(); ) {
          out.write(precision.encode(rows.next().values()));
        }
      }
    }
  }
}
