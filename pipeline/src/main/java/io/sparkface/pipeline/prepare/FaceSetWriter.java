package io.sparkface.pipeline.prepare;

import io.sparkface.datasets.faces.ClassNumbering;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Writes face rows with columns beyond those of a face set, and pairs, as Parquet: row groups of
 * {@value #ROW_GROUP_BYTES} bytes, as a row group is the unit of work, and no compression, as
 * encoded pictures have none left.
 */
public final class FaceSetWriter {
  private static final int ROW_GROUP_BYTES = 4 << 20;
  private static final long FILE_BYTES = 256L << 20;
  private static final String ORDER = "order";

  public static final StructType SCHEMA =
      new StructType()
          .add(FaceSchema.IDENTITY, DataTypes.StringType, false)
          .add(FaceSchema.LABEL, DataTypes.IntegerType, false)
          .add(FaceSchema.KEY, DataTypes.LongType, false)
          .add(FaceSchema.IMAGE, DataTypes.BinaryType, false)
          .add(FaceSchema.WIDTH, DataTypes.IntegerType, false)
          .add(FaceSchema.HEIGHT, DataTypes.IntegerType, false)
          .add(FaceSchema.SOURCE, DataTypes.StringType, false);

  private FaceSetWriter() {}

  /**
   * Writes rows in an order that depends on {@code seed} and the keys alone, however the input was
   * cut into tasks.
   *
   * @param bytes size of all images, from which the number of files follows
   */
  public static void writeShuffled(Dataset<Row> rows, long seed, long bytes, Path directory) {
    int files = (int) Math.max(1, Math.min(100_000, bytes / FILE_BYTES));
    Dataset<Row> shuffled =
        rows.withColumn(
                ORDER, functions.xxhash64(functions.lit(seed), functions.col(FaceSchema.KEY)))
            .repartition(files, functions.col(ORDER))
            .sortWithinPartitions(ORDER, FaceSchema.KEY)
            .drop(ORDER);
    save(shuffled, directory);
  }

  /** Writes {@code classes.parquet}: the people by label, and how many images each has. */
  public static void writeClasses(
      SparkSession spark, ClassNumbering numbering, Map<String, Long> images, Path directory) {
    List<Row> rows = new ArrayList<>();
    for (String name : numbering.names()) {
      rows.add(RowFactory.create(name, numbering.label(name), images.get(name)));
    }
    StructType schema =
        new StructType()
            .add("identity", DataTypes.StringType, false)
            .add("label", DataTypes.IntegerType, false)
            .add("images", DataTypes.LongType, false);
    save(spark.createDataFrame(rows, schema).coalesce(1), new Path(directory, FaceClass.FILE));
  }

  static void save(Dataset<Row> rows, Path directory) {
    rows.write()
        .mode(SaveMode.ErrorIfExists)
        .option("compression", "uncompressed")
        .option("parquet.block.size", Integer.toString(ROW_GROUP_BYTES))
        // the default looks at a page's size after 100 rows first: far too late for pictures
        .option("parquet.page.size.row.check.min", "8")
        .option("parquet.enable.dictionary", "false")
        // our own marker is the last file written
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .parquet(directory.toString());
  }
}
