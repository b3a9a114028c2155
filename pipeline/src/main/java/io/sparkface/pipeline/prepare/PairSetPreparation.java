package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.images.ImageHeader;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A verification {@code .bin} → Parquet of pairs, or a new {@code .bin} of plain byte strings. */
public final class PairSetPreparation {
  private static final StructType SCHEMA =
      new StructType()
          .add("index", DataTypes.IntegerType, false)
          .add("same", DataTypes.BooleanType, false)
          .add("first", DataTypes.BinaryType, false)
          .add("second", DataTypes.BinaryType, false);

  private PairSetPreparation() {}

  /** Reads every pair and checks every picture's header. */
  public static List<FacePair> read(String input, Configuration hadoop) throws IOException {
    Path path = new Path(input);
    FileSystem fs = path.getFileSystem(hadoop);
    if (!fs.exists(path)) {
      throw new UserError("there is no such input", input, "check --input");
    }
    try (InputStream in = fs.open(path)) {
      List<FacePair> pairs = VerificationBin.read(in, input);
      for (FacePair pair : pairs) {
        ImageHeader.of(pair.first(), input + " picture " + 2 * pair.index());
        ImageHeader.of(pair.second(), input + " picture " + (2 * pair.index() + 1));
      }
      return pairs;
    }
  }

  /** Writes Parquet. */
  public static FaceSetManifest toParquet(
      SparkSession spark, String input, String output, StagedOutput.Existing existing)
      throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    StagedOutput staged = new StagedOutput(output, existing, hadoop);
    List<FacePair> pairs = read(input, hadoop);
    List<Row> rows = new ArrayList<>(pairs.size());
    for (FacePair pair : pairs) {
      rows.add(RowFactory.create(pair.index(), pair.same(), pair.first(), pair.second()));
    }
    FaceSetWriter.save(spark.createDataFrame(rows, SCHEMA).coalesce(1), staged.staging());
    FaceSetManifest manifest =
        new FaceSetManifest(
            FaceSetManifest.FORMAT, pairs.size(), 0, 0, input, Map.of("kind", "pairs"));
    staged.commit(manifest);
    return manifest;
  }

  /** Writes a new {@code .bin}; the input stays as it is (trap 7). */
  public static long toBin(
      String input, String output, StagedOutput.Existing existing, Configuration hadoop)
      throws IOException {
    Path target = new Path(output);
    FileSystem fs = target.getFileSystem(hadoop);
    if (existing == StagedOutput.Existing.REFUSE && fs.exists(target)) {
      throw new UserError(
          "the output exists already", output, "name another --output, or pass --overwrite");
    }
    List<FacePair> pairs = read(input, hadoop);
    Replacement.write(target, hadoop, out -> VerificationBin.write(out, pairs));
    return pairs.size();
  }
}
