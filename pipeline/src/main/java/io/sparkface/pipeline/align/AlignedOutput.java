package io.sparkface.pipeline.align;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.AlignedFace;
import io.sparkface.datasets.faces.ClassNumbering;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSchema;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.pipeline.prepare.FaceSetWriter;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** Person folders or a face set, made of the parts that hold aligned faces. */
record AlignedOutput(SparkSession spark, PhotoAlignment.Options options) {
  private static final String TABLE = "_faces";
  private static final String SKIPPED = "skipped.jsonl";

  /**
   * @param files Parquet of aligned faces, one of each part
   * @throws UserError when two photos would become one file
   */
  PhotoAlignment.Summary write(List<Path> files, List<PartReport> reports) throws IOException {
    StagedOutput output = new StagedOutput(options.output(), options.existing(), hadoop());
    Dataset<Row> rows =
        spark.read().parquet(files.stream().map(Path::toString).toArray(String[]::new));
    Map<String, Long> images = new HashMap<>();
    rows.groupBy(FaceSchema.IDENTITY)
        .count()
        .collectAsList()
        .forEach(row -> images.put(row.getString(0), row.getLong(1)));
    long photos = 0;
    long faces = 0;
    long bytes = 0;
    long unreadable = 0;
    long skipped = 0;
    for (PartReport report : reports) {
      photos += report.photos();
      faces += report.faces();
      bytes += report.bytes();
      unreadable += report.unreadable();
      skipped += report.skipped().size();
    }
    if (options.target() == PhotoAlignment.Target.FOLDER) {
      writeFolders(files, rows, faces, output);
    } else {
      writeSet(rows, images, bytes, output);
    }
    writeSkipped(reports, output);
    output.commit(
        new FaceSetManifest(
            FaceSetManifest.FORMAT,
            faces,
            images.size(),
            skipped,
            options.input(),
            Map.of("cutting", options.cutting().toString())));
    return new PhotoAlignment.Summary(
        photos, faces, images.size(), skipped - unreadable, unreadable);
  }

  private void writeFolders(List<Path> files, Dataset<Row> rows, long faces, StagedOutput output)
      throws IOException {
    if (rows.select(FaceSchema.SOURCE).distinct().count() < faces) {
      String twice =
          rows.groupBy(FaceSchema.SOURCE)
              .count()
              .filter(functions.col("count").gt(1))
              .first()
              .getString(0);
      throw new UserError(
          "two photos would become the same file, '" + twice + "'",
          options.input(),
          "rename one of them, or write a face set by --to parquet");
    }
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop());
    String root = output.staging().toString();
    context()
        .parallelize(files.stream().map(Path::toString).toList(), files.size())
        .foreach(file -> writePictures(file, root, configuration.value()));
    rows.drop(FaceSchema.IMAGE, FaceSchema.LABEL)
        .coalesce(1)
        .write()
        .parquet(new Path(root, TABLE).toString());
  }

  private static void writePictures(String file, String root, Configuration hadoop)
      throws IOException {
    FileSystem fs = new Path(root).getFileSystem(hadoop);
    try (FaceFile faces = FaceFile.open(new Path(file), hadoop)) {
      for (int group = 0; group < faces.rowGroupCount(); group++) {
        for (FaceRecord face : faces.read(group)) {
          try (OutputStream out = fs.create(new Path(root, face.source()), true)) {
            out.write(face.image());
          }
        }
      }
    }
  }

  private void writeSet(
      Dataset<Row> rows, Map<String, Long> images, long bytes, StagedOutput output) {
    ClassNumbering numbering = new ClassNumbering(images.keySet());
    Map<String, Integer> labels = new HashMap<>();
    numbering.names().forEach(name -> labels.put(name, numbering.label(name)));
    Broadcast<Map<String, Integer>> labelOf = context().broadcast(labels);
    StructType schema =
        FaceSetWriter.SCHEMA
            .add(AlignedFace.PHOTO, DataTypes.StringType, false)
            .add(AlignedFace.FACE, DataTypes.IntegerType, false);
    for (String number : AlignedFace.NUMBERS) {
      schema = schema.add(number, DataTypes.FloatType, false);
    }
    int label = schema.fieldIndex(FaceSchema.LABEL);
    int identity = schema.fieldIndex(FaceSchema.IDENTITY);
    int columns = schema.size();
    Dataset<Row> numbered =
        spark.createDataFrame(
            rows.javaRDD()
                .map(
                    row -> {
                      Object[] values = new Object[columns];
                      for (int i = 0; i < columns; i++) {
                        values[i] =
                            i == label ? labelOf.value().get(row.getString(identity)) : row.get(i);
                      }
                      return RowFactory.create(values);
                    }),
            schema);
    FaceSetWriter.writeShuffled(numbered, options.seed(), bytes, output.staging());
    FaceSetWriter.writeClasses(spark, numbering, images, output.staging());
  }

  private static void writeSkipped(List<PartReport> reports, StagedOutput output)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (OutputStream out = output.create(SKIPPED)) {
      for (PartReport report : reports) {
        for (PartReport.Skipped one : report.skipped()) {
          out.write(json.writeValueAsBytes(one));
          out.write('\n');
        }
      }
    }
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }
}
