package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
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
        new Builder<>(HadoopOutputFile.fromPath(path, hadoop), schema, properties, fields)
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
