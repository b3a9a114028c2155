package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.filter2.columnindex.RowRanges;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * One Parquet file, read a row group at a time. A row group that another tool made larger than
 * {@value #MOST_BYTES} bytes is cut between pages and counts as several, so that what is in memory
 * does not depend on who wrote the file. Where it is cut depends on the file alone, not on the
 * columns that are read. Files without an offset index (Parquet before 1.11) have their row groups
 * whole.
 */
final class ParquetRows<T> implements Closeable {
  private static final long MOST_BYTES = 16 << 20;

  private final Path path;
  private final ParquetFileReader file;
  private final MessageType schema;
  private final Function<Group, T> row;
  private final List<Part> parts;

  /** Of each part, the rows of the file before it; of the end, all. */
  private final long[] before;

  /** Rows of a row group, all of them or those of some pages. */
  private record Part(int group, RowRanges rows) {}

  ParquetRows(Path path, Configuration hadoop, MessageType wanted, Function<Group, T> row)
      throws IOException {
    this.path = path;
    this.row = row;
    try {
      this.file = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop));
    } catch (RuntimeException e) {
      throw damaged("not a whole Parquet file: " + e.getMessage(), e);
    }
    MessageType actual = file.getFileMetaData().getSchema();
    List<Type> columns = new ArrayList<>();
    for (Type column : wanted.getFields()) {
      if (!actual.containsField(column.getName())
          || !actual.getType(column.getName()).isPrimitive()
          || actual.getType(column.getName()).asPrimitiveType().getPrimitiveTypeName()
              != column.asPrimitiveType().getPrimitiveTypeName()) {
        file.close();
        throw damaged("the file has no column '" + column + "'", null);
      }
      columns.add(actual.getType(column.getName()));
    }
    this.schema = new MessageType(wanted.getName(), columns);
    this.parts = parts(file);
    this.before = new long[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      before[i + 1] = before[i] + parts.get(i).rows().rowCount();
    }
  }

  private static List<Part> parts(ParquetFileReader file) throws IOException {
    List<Part> parts = new ArrayList<>();
    List<BlockMetaData> groups = file.getRowGroups();
    for (int group = 0; group < groups.size(); group++) {
      BlockMetaData block = groups.get(group);
      OffsetIndex pages =
          block.getTotalByteSize() > MOST_BYTES ? file.readOffsetIndex(largest(block)) : null;
      if (pages == null) {
        parts.add(new Part(group, RowRanges.createSingle(block.getRowCount())));
      } else {
        cut(group, block, pages, parts);
      }
    }
    return parts;
  }

  private static ColumnChunkMetaData largest(BlockMetaData block) {
    return Collections.max(
        block.getColumns(), Comparator.comparingLong(ColumnChunkMetaData::getTotalSize));
  }

  private static void cut(int group, BlockMetaData block, OffsetIndex pages, List<Part> parts) {
    long rows = block.getRowCount();
    double rowBytes = (double) block.getTotalByteSize() / rows;
    int first = 0;
    for (int page = 0; page < pages.getPageCount(); page++) {
      // the next page would be too much
      boolean last = page + 1 == pages.getPageCount();
      long with = last ? 0 : pages.getLastRowIndex(page + 1, rows) + 1;
      if (last || (with - pages.getFirstRowIndex(first)) * rowBytes > MOST_BYTES) {
        PrimitiveIterator.OfInt wanted = IntStream.rangeClosed(first, page).iterator();
        parts.add(new Part(group, RowRanges.create(rows, wanted, pages)));
        first = page + 1;
      }
    }
  }

  private UserError damaged(String problem, Throwable cause) {
    return new UserError(problem, path.toString(), "run the job that wrote it again", cause);
  }

  int rowGroupCount() {
    return parts.size();
  }

  long rows(int rowGroup) {
    return parts.get(rowGroup).rows().rowCount();
  }

  /** Rows of the file. */
  long rows() {
    return before[parts.size()];
  }

  /** Row of the file, from 0, that a row group begins with. */
  long first(int rowGroup) {
    return before[rowGroup];
  }

  /** A property of the file, or null. */
  String property(String name) {
    return file.getFileMetaData().getKeyValueMetaData().get(name);
  }

  /** The largest value of an int64 column, by the file's own statistics; -1 where it is empty. */
  long largest(String column) {
    long largest = -1;
    for (BlockMetaData group : file.getRowGroups()) {
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        if (chunk.getPath().toDotString().equals(column)
            && chunk.getStatistics().genericGetMax() instanceof Long most) {
          largest = Math.max(largest, most);
        }
      }
    }
    return largest;
  }

  List<T> read(int rowGroup) throws IOException {
    try {
      file.setRequestedSchema(schema);
      Part part = parts.get(rowGroup);
      PageReadStore pages = file.readFilteredRowGroup(part.group(), part.rows());
      MessageColumnIO columns = new ColumnIOFactory().getColumnIO(schema);
      RecordReader<Group> reader = columns.getRecordReader(pages, new GroupRecordConverter(schema));
      int count = Math.toIntExact(pages.getRowCount());
      List<T> rows = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        rows.add(row.apply(reader.read()));
      }
      return rows;
    } catch (RuntimeException e) {
      throw damaged("row group " + rowGroup + " cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
