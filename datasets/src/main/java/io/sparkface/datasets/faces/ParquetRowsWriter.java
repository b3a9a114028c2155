package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one Parquet file, a row at a time, in small row groups, as a row group is the unit of work
 * on a set. Nothing is compressed: neither encoded pictures nor embeddings have air left.
 */
final class ParquetRowsWriter<T> implements Closeable {
  /** Small enough that a page's buffers are no humongous objects for the collector. */
  private static final int PAGE_BYTES = 256 << 10;

  /** Puts the fields of a row, in the schema's order. */
  interface Fields<T> {
    void put(T row, RecordConsumer out);
  }

  private final ParquetWriter<T> writer;

  ParquetRowsWriter(
      Path path,
      Configuration hadoop,
      MessageType schema,
      int rowGroupBytes,
      Map<String, String> properties,
      Fields<T> fields)
      throws IOException {
    this.writer =
        new Builder<>(Output.of(path, hadoop), schema, properties, fields)
            .withConf(hadoop)
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withDictionaryEncoding(false)
            .withRowGroupSize((long) rowGroupBytes)
            .withPageSize(PAGE_BYTES)
            // file systems keep sums of their own, and no reader asks for these unless told to
            .withPageWriteChecksumEnabled(false)
            // the default looks at a page's size after 100 rows first: far too late for pictures
            .withMinRowCountForPageSizeCheck(8)
            .build();
  }

  void write(T row) throws IOException {
    writer.write(row);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  /** As Hadoop's own, which asks for a buffer of 4 KiB whatever is configured. */
  private record Output(Path path, FileSystem fs, HadoopOutputFile own) implements OutputFile {
    private static final int BUFFER = 64 << 10;

    static Output of(Path path, Configuration hadoop) throws IOException {
      return new Output(path, path.getFileSystem(hadoop), HadoopOutputFile.fromPath(path, hadoop));
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) throws IOException {
      return createOrOverwrite(blockSizeHint);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
      return HadoopStreams.wrap(
          fs.create(
              path,
              true,
              BUFFER,
              fs.getDefaultReplication(path),
              Math.max(fs.getDefaultBlockSize(path), blockSizeHint)));
    }

    @Override
    public boolean supportsBlockSize() {
      return own.supportsBlockSize();
    }

    @Override
    public long defaultBlockSize() {
      return own.defaultBlockSize();
    }
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final MessageType schema;
    private final Map<String, String> properties;
    private final Fields<T> fields;

    Builder(OutputFile file, MessageType schema, Map<String, String> properties, Fields<T> fields) {
      super(file);
      this.schema = schema;
      this.properties = properties;
      this.fields = fields;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(Configuration hadoop) {
      return new Support<>(schema, properties, fields);
    }
  }

  private static final class Support<T> extends WriteSupport<T> {
    private final MessageType schema;
    private final Map<String, String> properties;
    private final Fields<T> fields;
    private RecordConsumer out;

    Support(MessageType schema, Map<String, String> properties, Fields<T> fields) {
      this.schema = schema;
      this.properties = properties;
      this.fields = fields;
    }

    @Override
    public WriteContext init(Configuration hadoop) {
      return new WriteContext(schema, properties);
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      this.out = consumer;
    }

    @Override
    public void write(T row) {
      out.startMessage();
      fields.put(row, out);
      out.endMessage();
    }
  }
}
