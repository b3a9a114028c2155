package io.sparkface.pipeline.prepare;

import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** A face set, read a row group at a time; its labels' order is kept. */
final class FaceSetSource implements FaceSource {
  private final FaceSet faces;
  private final Configuration hadoop;

  private FaceSetSource(FaceSet faces, Configuration hadoop) {
    this.faces = faces;
    this.hadoop = hadoop;
  }

  static FaceSetSource open(Path directory, Configuration hadoop) {
    return new FaceSetSource(FaceSet.open(directory, hadoop), hadoop);
  }

  @Override
  public JavaRDD<Entry> entries(JavaSparkContext spark) {
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    List<RowGroup> groups = faces.rowGroups();
    int slices = Math.max(1, Math.min(groups.size(), 16 * spark.defaultParallelism()));
    return spark
        .parallelize(groups, slices)
        .flatMap(group -> read(group, configuration.value()).iterator());
  }

  private static List<Entry> read(RowGroup group, Configuration hadoop) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (FaceFile file = FaceFile.open(new Path(group.file()), hadoop)) {
      for (FaceRecord row : file.read(group.index())) {
        entries.add(
            new Entry.Good(
                row.identity(),
                row.key(),
                row.image(),
                row.width(),
                row.height(),
                row.source(),
                group.file(),
                Entry.WHOLE));
      }
    }
    return entries;
  }

  @Override
  public long bytes() {
    return faces.bytes();
  }

  @Override
  public Optional<List<String>> numbered() {
    return Optional.of(faces.classes(hadoop).stream().map(FaceClass::identity).toList());
  }
}
