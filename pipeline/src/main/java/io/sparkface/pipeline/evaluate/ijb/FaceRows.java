package io.sparkface.pipeline.evaluate.ijb;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.images.FaceAlignment;
import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.embed.PicturePass;
import io.sparkface.pipeline.embed.Views;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The embeddings of a release: made on executors, or kept as Parquet ({@code template, media,
 * score, plain, mirrored}; embeddings as little-endian float32) and read again.
 */
public final class FaceRows {
  private static final String KIND = "ijb-embeddings";
  private static final int SIDE = FaceLandmarks.TEMPLATE_SIZE;
  private static final StructType SCHEMA =
      new StructType()
          .add("template", DataTypes.IntegerType, false)
          .add("media", DataTypes.IntegerType, false)
          .add("score", DataTypes.FloatType, false)
          .add("plain", DataTypes.BinaryType, false)
          .add("mirrored", DataTypes.BinaryType, false);

  private final SparkSession spark;

  public FaceRows(SparkSession spark) {
    this.spark = spark;
  }

  /** Aligns every image by its landmarks and embeds it and its mirror image (step 1), lazily. */
  public JavaRDD<FaceRow> embed(IjbRelease release, String model, Normalisation input)
      throws IOException {
    PicturePass pass = new PicturePass(model, input, Views.PLAIN_AND_MIRRORED, hadoop());
    String crops = release.crops();
    List<IjbImage> images = release.images();
    return pass.over(
            JavaSparkContext.fromSparkContext(spark.sparkContext()),
            images,
            (image, hadoop) -> aligned(image, crops, hadoop))
        .map(
            face ->
                new FaceRow(
                    face.item().template(),
                    face.item().media(),
                    face.item().score(),
                    face.plain(),
                    face.mirrored()));
  }

  static RgbImage aligned(IjbImage image, String crops, Configuration hadoop) throws IOException {
    Path path = new Path(crops, image.name());
    FileSystem fs = path.getFileSystem(hadoop);
    if (!fs.exists(path)) {
      throw new UserError(
          "the release's list has an image that is not there",
          path.toString(),
          "copy the loose crops again");
    }
    try (InputStream in = fs.open(path)) {
      RgbImage photo = ImageDecoder.decode(in.readAllBytes(), path.toString());
      return FaceAlignment.SIMILARITY.align(photo, FaceLandmarks.of(image.landmarks()), SIDE);
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "the landmarks cannot be aligned: " + e.getMessage(),
          path.toString(),
          "use the release's landmarks",
          e);
    }
  }

  /**
   * The embeddings kept in {@code directory}; where there are none, made and kept.
   *
   * @throws UserError when those that are there were made by another model or of another release
   */
  public JavaRDD<FaceRow> keptOrMade(
      String directory, IjbRelease release, String model, Normalisation input) throws IOException {
    Path path = new Path(directory);
    Map<String, String> origin =
        Map.of(
            "kind", KIND,
            "model", EmbeddingCache.fingerprint(model, hadoop()),
            "normalisation", input.name(),
            "release", release.toString());
    if (path.getFileSystem(hadoop()).exists(path)) {
      if (!manifest(path).options().equals(origin)) {
        throw new UserError(
            "the embeddings there were made by another model, or of another release",
            directory,
            "name another --embeddings, or leave --model out to use them as they are");
      }
      return kept(directory);
    }
    StagedOutput staged = new StagedOutput(directory, StagedOutput.Existing.REFUSE, hadoop());
    spark
        .createDataFrame(embed(release, model, input).map(FaceRows::row), SCHEMA)
        .write()
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .parquet(staged.staging().toString());
    long rows = spark.read().parquet(staged.staging().toString()).count();
    staged.commit(
        new FaceSetManifest(FaceSetManifest.FORMAT, rows, 0, 0, release.toString(), origin));
    return kept(directory);
  }

  /**
   * The embeddings kept in {@code directory}, whoever made them.
   *
   * @throws UserError when they are not complete
   */
  public JavaRDD<FaceRow> kept(String directory) throws IOException {
    Path path = new Path(directory);
    FaceSetManifest manifest = manifest(path);
    JavaRDD<FaceRow> rows =
        spark
            .read()
            .schema(SCHEMA)
            // the manifest lies beside them
            .option("pathGlobFilter", "*.parquet")
            .parquet(directory)
            .javaRDD()
            .map(FaceRows::face);
    long found = rows.count();
    if (found != manifest.rows()) {
      throw new UserError(
          "there are " + found + " embeddings, the manifest says " + manifest.rows(),
          directory,
          "remove the directory and make them again");
    }
    return rows;
  }

  private FaceSetManifest manifest(Path directory) throws IOException {
    FileSystem fs = directory.getFileSystem(hadoop());
    if (!fs.exists(new Path(directory, FaceSetManifest.SUCCESS))) {
      throw new UserError(
          "not a complete set of embeddings: it has no " + FaceSetManifest.SUCCESS,
          directory.toString(),
          "name a directory that evaluate-ijb --embeddings wrote");
    }
    FaceSetManifest manifest;
    try (InputStream in = fs.open(new Path(directory, FaceSetManifest.FILE))) {
      manifest = new ObjectMapper().readValue(in, FaceSetManifest.class);
    }
    if (!KIND.equals(manifest.options().get("kind"))) {
      throw new UserError(
          "these are no embeddings of a release",
          directory.toString(),
          "name a directory that evaluate-ijb --embeddings wrote");
    }
    return manifest;
  }

  private static Row row(FaceRow face) {
    return RowFactory.create(
        face.template(), face.media(), face.score(), bytes(face.plain()), bytes(face.mirrored()));
  }

  private static FaceRow face(Row row) {
    return new FaceRow(
        row.getInt(0),
        row.getInt(1),
        row.getFloat(2),
        floats((byte[]) row.get(3)),
        floats((byte[]) row.get(4)));
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }
}
