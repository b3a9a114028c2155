package io.sparkface.pipeline.distill;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.embed.EmbeddingPass;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes a teacher's embeddings of a face set, one shard per file of the set. A shard is renamed
 * into place when it is whole, so that a job started again makes only those that are missing.
 */
public final class Distillation {
  private static final String SCHEMA =
      "message embedding { required int64 key; required binary embedding; }";

  private Distillation() {}

  /** Runs the job on the executors of {@code spark}. */
  public static EmbeddingSet.Manifest run(
      JavaSparkContext spark, String model, Normalisation input, String data, String output)
      throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    FaceSet faces = FaceSet.open(new Path(data), hadoop);
    Path target = new Path(output);
    FileSystem fs = target.getFileSystem(hadoop);
    if (fs.exists(new Path(target, "_SUCCESS"))) {
      throw new UserError(
          "the output is complete already", output, "name another --output, or delete it first");
    }
    fs.mkdirs(target);
    EmbeddingPass pass = new EmbeddingPass(model, input, new SerializableConfiguration(hadoop));
    List<String> files = faces.files();
    List<Shard> written =
        spark
            .parallelize(files, EmbeddingPass.networks(spark))
            .zipWithIndex()
            .mapPartitions(
                part -> {
                  try (EmbeddingPass.Network network = pass.open()) {
                    java.util.ArrayList<Shard> shards = new java.util.ArrayList<>();
                    while (part.hasNext()) {
                      scala.Tuple2<String, Long> file = part.next();
                      shards.add(shard(network, pass.hadoop(), file._1(), output, file._2()));
                    }
                    return shards.iterator();
                  }
                })
            .collect();
    long rows = written.stream().mapToLong(Shard::rows).sum();
    if (rows != faces.manifest().rows()) {
      throw new IllegalStateException(
          "embedded " + rows + " of " + faces.manifest().rows() + " images");
    }
    EmbeddingSet.Manifest manifest =
        new EmbeddingSet.Manifest(rows, written.get(0).width(), data, model);
    try (OutputStream out = fs.create(new Path(target, EmbeddingSet.MANIFEST))) {
      out.write(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
    }
    fs.create(new Path(target, "_SUCCESS")).close();
    return manifest;
  }

  private record Shard(long rows, int width) implements java.io.Serializable {}

  private static Shard shard(
      EmbeddingPass.Network network, Configuration hadoop, String file, String output, long number)
      throws IOException {
    Path target =
        new Path(output, String.format(java.util.Locale.ROOT, "shard-%05d.parquet", number));
    Path temporary = new Path(output, "." + target.getName() + ".tmp");
    FileSystem fs = target.getFileSystem(hadoop);
    if (fs.exists(target)) {
      return new Shard(rowsOf(target, hadoop), network.width());
    }
    MessageType schema = MessageTypeParser.parseMessageType(SCHEMA);
    long rows = 0;
    Progress progress = new Progress("distill " + target.getName(), "images", 0);
    try (ParquetWriter<org.apache.parquet.example.data.Group> writer =
        ExampleParquetWriter.builder(temporary)
            .withConf(hadoop)
            .withType(schema)
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .build()) {
      Iterator<EmbeddingPass.Embedded> embedded = network.embedFile(file);
      while (embedded.hasNext()) {
        EmbeddingPass.Embedded one = embedded.next();
        FaceRecord row = one.row();
        ByteBuffer bytes =
            ByteBuffer.allocate(4 * one.embedding().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(one.embedding());
        SimpleGroup group = new SimpleGroup(schema);
        group.add("key", row.key());
        group.add("embedding", Binary.fromConstantByteArray(bytes.array()));
        writer.write(group);
        rows++;
        progress.add(1);
      }
    }
    fs.delete(target, false);
    if (!fs.rename(temporary, target)) {
      throw new IOException("cannot rename " + temporary + " to " + target);
    }
    return new Shard(rows, network.width());
  }

  private static long rowsOf(Path shard, Configuration hadoop) throws IOException {
    try (org.apache.parquet.hadoop.ParquetFileReader reader =
        org.apache.parquet.hadoop.ParquetFileReader.open(
            org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(shard, hadoop))) {
      return reader.getRecordCount();
    }
  }
}
