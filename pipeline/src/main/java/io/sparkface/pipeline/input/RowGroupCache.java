package io.sparkface.pipeline.input;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.RowGroup;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Row groups as they were read, the least recently used given up when the encoded images come to
 * more than a quarter of the heap. A set that fits is read once.
 */
final class RowGroupCache {
  private final List<RowGroup> set;
  private final Configuration hadoop;
  private final long mostBytes = Runtime.getRuntime().maxMemory() / 4;
  private final Map<Integer, List<FaceRecord>> groups = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  RowGroupCache(List<RowGroup> set, Configuration hadoop) {
    this.set = set;
    this.hadoop = hadoop;
  }

  List<FaceRecord> rows(int group) throws IOException {
    List<FaceRecord> rows = groups.get(group);
    if (rows == null) {
      RowGroup wanted = set.get(group);
      try (FaceFile file = FaceFile.open(new Path(wanted.file()), hadoop)) {
        rows = file.read(wanted.index());
      }
      bytes += size(rows);
      while (bytes > mostBytes && !groups.isEmpty()) {
        bytes -= size(groups.remove(groups.keySet().iterator().next()));
      }
      groups.put(group, rows);
    }
    return rows;
  }

  private static long size(List<FaceRecord> rows) {
    return rows.stream().mapToLong(row -> row.image().length + 200L).sum();
  }
}
