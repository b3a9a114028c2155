package io.sparkface.pipeline.distribute;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.Merge;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What heads remember between steps (moving averages, centres, newest faces), which every worker
 * changes from its own images. After each step workers agree on it by the head's own rule, {@link
 * Merge}; only the rows that somebody changed travel, so that a table of all classes costs no more
 * than the images of a step.
 */
final class HeadStates {
  /** Values compared at a time. */
  private static final long PIECE = 1 << 20;

  private final Ring ring;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * @param now the network's own array, as a matrix
   * @param before its values when workers last agreed
   */
  private record Entry(Merge merge, INDArray now, INDArray before) {}

  /** To be made when the network has the values that all workers begin with. */
  HeadStates(ComputationGraph graph, Ring ring) {
    this.ring = ring;
    for (Layer layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof Head head) {
        head.state()
            .forEach(
                (name, merge) -> {
                  INDArray now = matrix(layer.getParam(name));
                  entries.add(new Entry(merge, now, now.dup('c')));
                });
      }
    }
  }

  /** A vector is one row: its values belong together. */
  private static INDArray matrix(INDArray array) {
    long rows = array.rank() > 1 ? array.size(0) : 1;
    INDArray matrix = array.reshape('c', rows, array.length() / rows);
    if (matrix.data().pointer().address() != array.data().pointer().address()) {
      throw new IllegalStateException("state of a head is not kept in order c");
    }
    return matrix;
  }

  /** Brings all workers to the same state. */
  void merge() throws IOException {
    if (ring.size() == 1) {
      return;
    }
    for (Entry entry : entries) {
      merge(entry);
    }
  }

  private void merge(Entry entry) throws IOException {
    List<ByteBuffer> messages = ring.gather(changes(entry)).stream().map(ByteBuffer::wrap).toList();
    TreeSet<Integer> changed = new TreeSet<>();
    for (ByteBuffer message : messages) {
      int count = message.getInt();
      for (int i = 0; i < count; i++) {
        changed.add(message.getInt());
      }
    }
    if (changed.isEmpty()) {
      return;
    }
    int[] rows = changed.stream().mapToInt(Integer::intValue).toArray();
    INDArray before = rows(entry.before(), rows);
    List<INDArray> after = new ArrayList<>();
    for (ByteBuffer message : messages) {
      after.add(after(before, rows, message));
    }
    INDArray agreed = entry.merge().of(before, after);
    for (int i = 0; i < rows.length; i++) {
      entry.now().getRow(rows[i]).assign(agreed.getRow(i));
      entry.before().getRow(rows[i]).assign(agreed.getRow(i));
    }
  }

  /** Number of rows, their indices, their values. */
  private static byte[] changes(Entry entry) {
    List<Integer> rows = changedRows(entry);
    int width = (int) entry.now().size(1);
    ByteBuffer message =
        ByteBuffer.allocate(
            Math.toIntExact(Integer.BYTES + rows.size() * (Integer.BYTES + 4L * width)));
    message.putInt(rows.size());
    rows.forEach(message::putInt);
    for (int row : rows) {
      message.asFloatBuffer().put(entry.now().getRow(row).dup('c').toFloatVector());
      message.position(message.position() + 4 * width);
    }
    return message.array();
  }

  private static List<Integer> changedRows(Entry entry) {
    HostFloats now = HostFloats.of(entry.now().reshape(entry.now().length()));
    HostFloats before = HostFloats.of(entry.before().reshape(entry.now().length()));
    long width = entry.now().size(1);
    long rows = entry.now().size(0);
    long together = Math.max(1, PIECE / width);
    List<Integer> changed = new ArrayList<>();
    for (long from = 0; from < rows; from += together) {
      long to = Math.min(rows, from + together);
      ByteBuffer a = now.bytes(from * width, to * width);
      ByteBuffer b = before.bytes(from * width, to * width);
      for (int at = a.mismatch(b); at >= 0; at = a.mismatch(b)) {
        int row = (int) ((a.position() + at) / (4 * width));
        changed.add((int) from + row);
        int next = (int) Math.min(a.limit(), (row + 1) * 4 * width);
        a.position(next);
        b.position(next);
      }
    }
    return changed;
  }

  /** A worker's values of {@code rows}: those of {@code before} where it changed nothing. */
  private static INDArray after(INDArray before, int[] rows, ByteBuffer message) {
    INDArray after = before.dup();
    message.rewind();
    int[] own = new int[message.getInt()];
    for (int i = 0; i < own.length; i++) {
      own[i] = message.getInt();
    }
    float[] values = new float[(int) before.size(1)];
    for (int row : own) {
      message.asFloatBuffer().get(values);
      message.position(message.position() + 4 * values.length);
      after.getRow(Arrays.binarySearch(rows, row)).assign(Nd4j.createFromArray(values));
    }
    return after;
  }

  private static INDArray rows(INDArray matrix, int[] rows) {
    INDArray copy = Nd4j.create(matrix.dataType(), rows.length, matrix.size(1));
    for (int i = 0; i < rows.length; i++) {
      copy.getRow(i).assign(matrix.getRow(rows[i]));
    }
    return copy;
  }
}
