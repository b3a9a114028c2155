package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import io.sparkface.datasets.interchange.Half;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * One Parquet file of embeddings, in the row order of the face file it was made from: {@code key}
 * (int64), {@code label} (int32), {@code embedding} (little-endian float32 or float16; which of
 * them and how many stands in the file's properties).
 */
public final class EmbeddingFile implements Closeable {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message embedding {
            required int64 key;
            required int32 label;
            required binary embedding;
          }
          """);
  private static final String PRECISION = "sparkface.precision";
  private static final int ROW_GROUP_BYTES = 1 << 20;

  /** Bytes of a value. */
  public enum Precision {
    FLOAT32(4),
    FLOAT16(2);

    private final int bytes;

    Precision(int bytes) {
      this.bytes = bytes;
    }

    /** Little-endian bytes of the values. */
    public byte[] encode(float[] values) {
      ByteBuffer out = ByteBuffer.allocate(bytes * values.length).order(ByteOrder.LITTLE_ENDIAN);
      if (this == FLOAT32) {
        out.asFloatBuffer().put(values);
      } else {
        for (float value : values) {
          out.putShort(Half.of(value));
        }
      }
      return out.array();
    }

    private float[] decode(ByteBuffer in) {
      in.order(ByteOrder.LITTLE_ENDIAN);
      float[] values = new float[in.remaining() / bytes];
      for (int i = 0; i < values.length; i++) {
        values[i] = this == FLOAT32 ? in.getFloat() : Half.toFloat(in.getShort());
      }
      return values;
    }
  }

  private final ParquetRows<Encoded> rows;
  private final Precision precision;
  private final Path path;

  /** A row whose values are not yet decoded, as a reader that looks for a key skips most. */
  private record Encoded(long key, int label, ByteBuffer values) {}

  private EmbeddingFile(Path path, ParquetRows<Encoded> rows) {
    this.path = path;
    this.rows = rows;
    String name = rows.property(PRECISION);
    this.precision = name == null ? Precision.FLOAT32 : Precision.valueOf(name);
  }

  /**
   * @throws UserError when it is no Parquet file with these columns
   */
  public static EmbeddingFile open(Path path, Configuration hadoop) throws IOException {
    return new EmbeddingFile(path, new ParquetRows<>(path, hadoop, SCHEMA, EmbeddingFile::encoded));
  }

  private static Encoded encoded(Group row) {
    return new Encoded(
        row.getLong("key", 0),
        row.getInteger("label", 0),
        row.getBinary("embedding", 0).toByteBuffer());
  }

  /** All rows of the file. */
  public long rows() {
    long all = 0;
    for (int group = 0; group < rows.rowGroupCount(); group++) {
      all += rows.rows(group);
    }
    return all;
  }

  /** All embeddings in their order, a row group in memory at a time. */
  public Iterator<Embedding> read() {
    return new Rows(0);
  }

  /**
   * The embeddings of some rows of the face file, in their order. The file may hold others between
   * them, as that of a set which was cleaned after it was embedded.
   *
   * @param from row of this file before which none of them stands
   * @throws UserError when one of them is not there
   */
  public float[][] of(List<FaceRecord> faces, long from) {
    float[][] found = new float[faces.size()][];
    Rows all = new Rows(from);
    for (int i = 0; i < found.length; i++) {
      long key = faces.get(i).key();
      Encoded row = null;
      while (row == null || row.key() != key) {
        if (!all.hasNext()) {
          throw new UserError(
              "there is no embedding for image " + key,
              path.toString(),
              "run distill on the set that is trained on");
        }
        row = all.nextEncoded();
      }
      found[i] = precision.decode(row.values());
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }

  private final class Rows implements Iterator<Embedding> {
    private int group;
    private Iterator<Encoded> read = List.<Encoded>of().iterator();

    Rows(long from) {
      long skip = from;
      while (group < rows.rowGroupCount() && rows.rows(group) <= skip) {
        skip -= rows.rows(group++);
      }
      for (; skip > 0 && hasNext(); skip--) {
        nextEncoded();
      }
    }

    @Override
    public boolean hasNext() {
      try {
        while (!read.hasNext() && group < rows.rowGroupCount()) {
          read = rows.read(group++).iterator();
        }
        return read.hasNext();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Encoded nextEncoded() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return read.next();
    }

    @Override
    public Embedding next() {
      Encoded row = nextEncoded();
      return new Embedding(row.key(), row.label(), precision.decode(row.values()));
    }
  }

  /** Writes such a file. */
  public static final class Writer implements Closeable {
    private final ParquetRowsWriter<Embedding> rows;

    public Writer(Path path, Configuration hadoop, Precision precision) throws IOException {
      this.rows =
          new ParquetRowsWriter<>(
              path,
              hadoop,
              SCHEMA,
              List.of(
                  ParquetColumn.longs("key", Embedding::key),
                  ParquetColumn.ints("label", Embedding::label),
                  ParquetColumn.bytes("embedding", row -> precision.encode(row.values()))),
              ROW_GROUP_BYTES,
              Map.of(PRECISION, precision.name()));
    }

    /** Appends an embedding. */
    public void write(Embedding row) throws IOException {
      rows.write(row);
    }

    @Override
    public void close() throws IOException {
      rows.close();
    }
  }
}
