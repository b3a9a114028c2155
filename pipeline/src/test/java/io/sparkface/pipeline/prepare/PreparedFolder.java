package io.sparkface.pipeline.prepare;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.synthetic.SyntheticFaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;

/** A folder in which tests draw sets, prepare them and read them back. */
record PreparedFolder(Path folder) {
  static final Configuration HADOOP = new Configuration();

  /** A drawn set with header0, identity records and {@code property}; its {@code train.rec}. */
  Path drawn(String name, int people, int imagesEach) throws IOException {
    Path rec = folder.resolve(name);
    new SyntheticFaces(new SyntheticFaces.Options(people, imagesEach, 32, 0, 20, 1))
        .write(hadoop(rec), HADOOP);
    // Hadoop's local checksum files would notice a change before we do
    try (Stream<Path> files = Files.list(rec)) {
      for (Path sum : files.filter(file -> file.toString().endsWith(".crc")).toList()) {
        Files.delete(sum);
      }
    }
    return rec.resolve("train.rec");
  }

  static FaceInput.Options input(Path path, FaceSelection selection) {
    return new FaceInput.Options(path.toString(), "", selection, PictureRules.UNCHANGED, 0);
  }

  FaceSetManifest prepare(FaceInput.Options input, String output) throws IOException {
    return prepare(input, output, FaceSetPreparation.Layout.SHUFFLED, Optional.empty());
  }

  FaceSetManifest prepare(
      FaceInput.Options input,
      String output,
      FaceSetPreparation.Layout layout,
      Optional<GrownSet.Options> addTo)
      throws IOException {
    return new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                input,
                folder.resolve(output).toString(),
                layout,
                1,
                StagedOutput.Existing.REFUSE,
                addTo))
        .run();
  }

  FaceSet set(String name) {
    return FaceSet.open(hadoop(folder.resolve(name)), HADOOP);
  }

  List<FaceRecord> rows(String name) throws IOException {
    List<FaceRecord> rows = new ArrayList<>();
    for (RowGroup group : set(name).rowGroups()) {
      try (FaceFile file = FaceFile.open(new org.apache.hadoop.fs.Path(group.file()), HADOOP)) {
        rows.addAll(file.read(group.index()));
      }
    }
    return rows;
  }

  static JavaSparkContext spark() {
    return JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
  }

  static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toString());
  }
}
