package io.sparkface.pipeline.input;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.pipeline.distill.EmbeddingSet;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Row groups as they were read, the least recently used given up when the encoded images come to
 * more than a quarter of the heap. A set that fits is read once.
 */
final class RowGroupCache {
  private final FaceSet faces;
  private final Optional<EmbeddingSet> embeddings;
  private final Configuration hadoop;
  private final long mostBytes = Runtime.getRuntime().maxMemory() / 4;
  private final Map<Integer, Rows> groups = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * A row group.
   *
   * @param teacher embeddings of its images, in their order; none without a teacher
   */
  record Rows(List<FaceRecord> faces, float[][] teacher) {
    private long size() {
      return faces.stream().mapToLong(row -> row.image().length + 200L).sum()
          + Arrays.stream(teacher).mapToLong(values -> 4L * values.length + 16).sum();
    }
  }

  RowGroupCache(FaceSet faces, Optional<EmbeddingSet> embeddings, Configuration hadoop) {
    this.faces = faces;
    this.embeddings = embeddings;
    this.hadoop = hadoop;
  }

  Rows rows(int group) throws IOException {
    Rows rows = groups.get(group);
    if (rows == null) {
      RowGroup wanted = faces.rowGroups().get(group);
      try (FaceFile file = FaceFile.open(new Path(wanted.file()), hadoop)) {
        List<FaceRecord> read = file.read(wanted.index());
        float[][] teacher =
            embeddings.isPresent() ? embeddings.get().of(wanted, read) : new float[0][];
        rows = new Rows(read, teacher);
      }
      bytes += rows.size();
      while (bytes > mostBytes && !groups.isEmpty()) {
        bytes -= groups.remove(groups.keySet().iterator().next()).size();
      }
      groups.put(group, rows);
    }
    return rows;
  }
}
