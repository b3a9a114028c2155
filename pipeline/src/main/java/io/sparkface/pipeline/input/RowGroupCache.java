package io.sparkface.pipeline.input;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.pipeline.distill.EmbeddingSet;
import java.io.IOException;
import java.util.ArrayList;
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
   * A row group. Its pictures lie one behind the other in one array: thousands of small ones that
   * stay would be carried about by the collector again and again.
   *
   * @param names its images without their bytes
   * @param pictures bytes of all of them
   * @param ends of each image's bytes in {@code pictures}
   * @param teacher embeddings of its images, in their order; none without a teacher
   */
  record Rows(List<FaceRecord> names, byte[] pictures, int[] ends, float[][] teacher) {
    private static final byte[] NONE = {};

    private static Rows of(List<FaceRecord> faces, float[][] teacher) {
      int[] ends = new int[faces.size()];
      int length = 0;
      for (int i = 0; i < ends.length; i++) {
        length = Math.addExact(length, faces.get(i).image().length);
        ends[i] = length;
      }
      byte[] pictures = new byte[length];
      List<FaceRecord> names = new ArrayList<>(ends.length);
      for (int i = 0; i < ends.length; i++) {
        FaceRecord face = faces.get(i);
        byte[] image = face.image();
        System.arraycopy(image, 0, pictures, ends[i] - image.length, image.length);
        names.add(face.withImage(NONE));
      }
      return new Rows(names, pictures, ends, teacher);
    }

    FaceRecord face(int row) {
      int from = row == 0 ? 0 : ends[row - 1];
      return names.get(row).withImage(Arrays.copyOfRange(pictures, from, ends[row]));
    }

    private long size() {
      return pictures.length
          + 200L * names.size()
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
        rows = Rows.of(read, teacher);
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
