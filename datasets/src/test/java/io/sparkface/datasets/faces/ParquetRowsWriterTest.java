package io.sparkface.datasets.faces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;

class ParquetRowsWriterTest {
  private static final Configuration HADOOP = new Configuration();

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message row {
            required int32 number;
            required binary bytes;
            required float real;
            required int64 large;
            required binary words (STRING);
          }
          """);

  private static final List<ParquetColumn<Row>> COLUMNS =
      List.of(
          ParquetColumn.ints("number", Row::number),
          ParquetColumn.bytes("bytes", Row::bytes),
          ParquetColumn.floats("real", Row::real),
          ParquetColumn.longs("large", Row::large),
          ParquetColumn.text("words", Row::words));

  record Row(int number, byte[] bytes, float real, long large, String words) {}

  /** What Parquet's own reader of rows finds, whatever the row groups' size. */
  @Property(tries = 60)
  void parquetReadsWhatWasWritten(
      @ForAll @Size(max = 200) List<@Size(max = 3000) byte[]> values,
      @ForAll @IntRange(min = 1, max = 100_000) int rowGroupBytes,
      @ForAll int seed)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    for (byte[] bytes : values) {
      int number = seed * (rows.size() + 1);
      rows.add(
          new Row(
              number,
              bytes,
              number / 7f,
              (long) number * number - 3,
              new String(bytes, 0, Math.min(20, bytes.length), StandardCharsets.ISO_8859_1)));
    }
    java.nio.file.Path file = Files.createTempFile("rows", ".parquet");
    Path path = new Path(file.toString());
    try (ParquetRowsWriter<Row> out =
        new ParquetRowsWriter<>(
            path, HADOOP, SCHEMA, COLUMNS, rowGroupBytes, Map.of("name", "value"))) {
      for (Row row : rows) {
        out.write(row);
      }
    }
    assertThat(read(path)).usingRecursiveComparison().isEqualTo(rows);
    statisticsBound(path, rows);
    Files.delete(file);
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  private static List<Row> read(Path path) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (ParquetReader<Group> in = ParquetReader.builder(new GroupReadSupport(), path).build()) {
      for (Group row = in.read(); row != null; row = in.read()) {
        rows.add(
            new Row(
                row.getInteger("number", 0),
                row.getBinary("bytes", 0).getBytes(),
                row.getFloat("real", 0),
                row.getLong("large", 0),
                row.getString("words", 0)));
      }
    }
    return rows;
  }

  /** A reader that skips by the smallest and largest values must miss nothing. */
  private static void statisticsBound(Path path, List<Row> rows) throws IOException {
    int at = 0;
    try (ParquetFileReader in = ParquetFileReader.open(HadoopInputFile.fromPath(path, HADOOP))) {
      assertThat(in.getFileMetaData().getKeyValueMetaData()).containsEntry("name", "value");
      for (BlockMetaData group : in.getRowGroups()) {
        Statistics<?> numbers = group.getColumns().get(0).getStatistics();
        Statistics<?> binaries = group.getColumns().get(1).getStatistics();
        for (long i = 0; i < group.getRowCount(); i++) {
          Row row = rows.get(at++);
          assertThat(row.number())
              .isBetween((Integer) numbers.genericGetMin(), (Integer) numbers.genericGetMax());
          assertThat(numbers.getNumNulls()).isZero();
          if (binaries.hasNonNullValue()) {
            assertThat(Arrays.compareUnsigned(row.bytes(), binaries.getMinBytes())).isNotNegative();
            assertThat(Arrays.compareUnsigned(row.bytes(), binaries.getMaxBytes())).isNotPositive();
          }
        }
      }
    }
    assertThat(at).isEqualTo(rows.size());
  }

  @Test
  void columnsInAnotherOrderAreRefused() {
    List<ParquetColumn<Row>> wrong = new ArrayList<>(COLUMNS);
    Collections.reverse(wrong);
    assertThatThrownBy(
            () ->
                new ParquetRowsWriter<>(
                    new Path("/nowhere/file"), HADOOP, SCHEMA, wrong, 1, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
