package io.sparkface.pipeline.recognize;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemv;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The nearest of many unit vectors by cosine, exactly: gallery times queries as matrix (for a few
 * queries matrix-vector) products, block by block, keeping the best of each query. Memory beside
 * the gallery, which is off-heap and takes 4 bytes a value, is a block of scores.
 *
 * <p>Not for use by several threads at once.
 */
public final class ExactIndex implements AutoCloseable {
  private static final int BLOCK_ROWS = 1 << 14;
  private static final int CACHED_ROWS = 1 << 11;
  private static final int FEW_QUERIES = 4;
  private static final int MOST_QUERIES = 256;

  private final int width;
  private final List<INDArray> blocks = new ArrayList<>();
  private long rows;

  /**
   * @param width values of a vector
   */
  public ExactIndex(int width) {
    this.width = width;
  }

  /**
   * A vector found.
   *
   * @param row its number, by the order of adding
   */
  public record Hit(long row, float cosine) {}

  /** Appends vectors, which must have length 1. */
  public void add(float[][] vectors) {
    for (int from = 0; from < vectors.length; ) {
      int used = (int) (rows % BLOCK_ROWS);
      if (used == 0) {
        blocks.add(Nd4j.createUninitialized(DataType.FLOAT, new long[] {BLOCK_ROWS, width}, 'c'));
      }
      int count = Math.min(BLOCK_ROWS - used, vectors.length - from);
      float[] values = new float[count * width];
      for (int i = 0; i < count; i++) {
        if (vectors[from + i].length != width) {
          throw new IllegalArgumentException(
              "a vector of " + vectors[from + i].length + " values, not " + width);
        }
        System.arraycopy(vectors[from + i], 0, values, i * width, width);
      }
      blocks.get(blocks.size() - 1).data().asNioFloat().position(used * width).put(values);
      rows += count;
      from += count;
    }
  }

  /** How many vectors it holds. */
  public long size() {
    return rows;
  }

  /**
   * The nearest vectors of each query.
   *
   * @param queries vectors of length 1
   * @param most hits of a query
   * @return for each query its hits, the nearest first; of equal ones the one added first
   */
  public List<List<Hit>> search(float[][] queries, int most) {
    List<List<Hit>> found = new ArrayList<>();
    for (int from = 0; from < queries.length; from += MOST_QUERIES) {
      int count = Math.min(MOST_QUERIES, queries.length - from);
      found.addAll(searchSome(queries, from, count, (int) Math.min(most, rows)));
    }
    return found;
  }

  private List<List<Hit>> searchSome(float[][] queries, int from, int count, int most) {
    Best[] best = new Best[count];
    float[] values = new float[count * width];
    for (int q = 0; q < count; q++) {
      best[q] = new Best(most);
      System.arraycopy(queries[from + q], 0, values, q * width, width);
    }
    try (INDArray asked = Nd4j.createFromArray(values).reshape('c', count, width);
        // column by column: a query's scores lie together
        INDArray product =
            Nd4j.createUninitialized(DataType.FLOAT, new long[] {BLOCK_ROWS, count}, 'f')) {
      float[] scores = new float[BLOCK_ROWS * count];
      for (int b = 0; b < blocks.size(); b++) {
        score(blocks.get(b), asked, product);
        product.data().asNioFloat().get(scores);
        long first = (long) b * BLOCK_ROWS;
        int used = (int) Math.min(BLOCK_ROWS, rows - first);
        IntStream.range(0, count)
            .parallel()
            .forEach(q -> best[q].offer(scores, q * BLOCK_ROWS, used, first));
      }
    }
    return IntStream.range(0, count).mapToObj(q -> best[q].sorted()).toList();
  }

  /**
   * Scores of a block's rows, a column for each query. A matrix product first copies the block into
   * another layout, which a few queries do not repay: they are taken one by one, on rows that stay
   * in the processor's cache from one to the next.
   */
  private void score(INDArray block, INDArray asked, INDArray product) {
    int count = (int) asked.size(0);
    if (count > FEW_QUERIES) {
      Nd4j.gemm(block, asked, product, false, true, 1, 0);
      return;
    }
    FloatPointer vectors = new FloatPointer(block.data().pointer());
    FloatPointer query = new FloatPointer(asked.data().pointer());
    FloatPointer scores = new FloatPointer(product.data().pointer());
    for (long row = 0; row < BLOCK_ROWS; row += CACHED_ROWS) {
      for (long q = 0; q < count; q++) {
        cblas_sgemv(
            CblasRowMajor,
            CblasNoTrans,
            CACHED_ROWS,
            width,
            1,
            vectors.position(row * width),
            width,
            query.position(q * width),
            1,
            0,
            scores.position(q * BLOCK_ROWS + row),
            1);
      }
    }
  }

  @Override
  public void close() {
    blocks.forEach(INDArray::close);
    blocks.clear();
    rows = 0;
  }

  /** The best scores seen, in a heap with the worst of them on top. */
  private static final class Best {
    private final long[] rows;
    private final float[] scores;
    private int size;

    Best(int most) {
      this.rows = new long[most];
      this.scores = new float[most];
    }

    void offer(float[] all, int offset, int count, long first) {
      for (int i = 0; i < count; i++) {
        float score = all[offset + i];
        if (size < rows.length) {
          put(score, first + i);
        } else if (size > 0 && score > scores[0]) {
          set(score, first + i);
        }
      }
    }

    private void put(float score, long row) {
      int at = size++;
      while (at > 0 && worse(score, row, (at - 1) / 2)) {
        copy((at - 1) / 2, at);
        at = (at - 1) / 2;
      }
      scores[at] = score;
      rows[at] = row;
    }

    private void set(float score, long row) {
      int at = 0;
      while (true) {
        int child = 2 * at + 1;
        if (child + 1 < size && worse(scores[child + 1], rows[child + 1], child)) {
          child++;
        }
        if (child >= size || !worse(scores[child], rows[child], score, row)) {
          break;
        }
        copy(child, at);
        at = child;
      }
      scores[at] = score;
      rows[at] = row;
    }

    private void copy(int from, int to) {
      scores[to] = scores[from];
      rows[to] = rows[from];
    }

    private boolean worse(float score, long row, int other) {
      return worse(score, row, scores[other], rows[other]);
    }

    private static boolean worse(float score, long row, float other, long otherRow) {
      return score < other || score == other && row > otherRow;
    }

    List<Hit> sorted() {
      return IntStream.range(0, size)
          .mapToObj(i -> new Hit(rows[i], scores[i]))
          .sorted(
              (a, b) ->
                  a.cosine() != b.cosine()
                      ? Float.compare(b.cosine(), a.cosine())
                      : Long.compare(a.row(), b.row()))
          .toList();
    }
  }
}
