package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** One Parquet file, read a row group at a time. */
final class ParquetRows<T> implements Closeable {
  private final Path path;
  private final ParquetFileReader file;
  private final MessageType schema;
  private final Function<Group, T> row;

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
  }

  private UserError damaged(String problem, Throwable cause) {
    return new UserError(problem, path.toString(), "run prepare again", cause);
  }

  int rowGroupCount() {
    return file.getRowGroups().size();
  }

  long rows(int rowGroup) {
    return file.getRowGroups().get(rowGroup).getRowCount();
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
      PageReadStore pages = file.readRowGroup(rowGroup);
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
