package io.sparkface.pipeline.distill;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.interchange.NpzWriter;
import io.sparkface.datasets.interchange.TfExample;
import io.sparkface.datasets.interchange.TfRecordWriter;
import io.sparkface.pipeline.output.Replacement;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A face set's embeddings in the original's formats: {@code .npz} with {@code image_names} ({@code
 * identity/file}), {@code image_classes}, {@code embeddings} (spec 2.2, 9.1), or {@code .tfrecord}
 * (spec 9.2). Streamed, whatever their number.
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
   * Writes {@code target}, a {@code .npz} or a {@code .tfrecord}, under another name until it is
   * whole.
   *
   * @throws UserError when it exists, or is to be neither
   */
  public void writeTo(Path target) throws IOException {
    requireWritable(target, hadoop);
    EmbeddingSet.Manifest manifest = EmbeddingSet.manifest(embeddings, hadoop);
    Replacement.write(
        target,
        hadoop,
        whole -> {
          OutputStream out = new BufferedOutputStream(whole);
          if (target.getName().endsWith(".npz")) {
            writeNpz(manifest, out);
          } else {
            writeTfRecord(manifest, out);
          }
          out.flush();
        });
  }

  /**
   * @throws UserError when {@code target} exists, or is no {@code .npz} or {@code .tfrecord}
   */
  public static void requireWritable(Path target, Configuration hadoop) throws IOException {
    if (!target.getName().endsWith(".npz") && !target.getName().endsWith(".tfrecord")) {
      throw new UserError(
          "embeddings are exported as .npz or .tfrecord",
          target.toString(),
          "let the file's name end so");
    }
    if (target.getFileSystem(hadoop).exists(target)) {
      throw new UserError(
          "the output exists already", target.toString(), "name another file, or delete it first");
    }
  }

  private void writeNpz(EmbeddingSet.Manifest manifest, OutputStream target) throws IOException {
    int longest = Math.max(1, longestName());
    String type = manifest.precision() == EmbeddingFile.Precision.FLOAT16 ? "<f2" : "<f4";
    try (NpzWriter npz = new NpzWriter(target)) {
      long[] each = {manifest.rows()};
      npz.add("image_names", "<U" + longest, each, out -> writeNames(out, longest));
      npz.add("image_classes", "<i8", each, this::writeClasses);
      npz.add(
          "embeddings",
          type,
          new long[] {manifest.rows(), manifest.width()},
          out -> writeEmbeddings(out, manifest.precision()));
    }
  }

  /** One record an image; the first one also says what all of them are. */
  private void writeTfRecord(EmbeddingSet.Manifest manifest, OutputStream out) throws IOException {
    boolean half = manifest.precision() == EmbeddingFile.Precision.FLOAT16;
    TfRecordWriter records = new TfRecordWriter(out);
    boolean first = true;
    for (int i = 0; i < faces.files().size(); i++) {
      try (FaceFile file = FaceFile.openNames(new Path(faces.files().get(i)), hadoop);
          EmbeddingFile shard =
              EmbeddingFile.open(EmbeddingSet.shards(embeddings, hadoop).get(i), hadoop)) {
        Iterator<Embedding> rows = shard.read();
        for (int group = 0; group < file.rowGroupCount(); group++) {
          for (FaceRecord face : file.read(group)) {
            Embedding embedding = rows.next();
            if (embedding.key() != face.key()) {
              throw new IllegalStateException("shard " + i + " is not in step with the set");
            }
            TfExample example =
                new TfExample()
                    .bytes("image_names", face.source().getBytes(StandardCharsets.UTF_8))
                    .integer("image_classes", face.label())
                    .bytes("embeddings", manifest.precision().encode(embedding.values()));
            if (first) {
              example
                  .integer("classes", faces.identities())
                  .integer("emb_shape", manifest.width())
                  .integer("total", manifest.rows())
                  .integer("use_fp16", half ? 1 : 0);
              first = false;
            }
            records.write(example.toBytes());
          }
        }
      }
    }
    records.flush();
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
