package io.sparkface.pipeline.recognize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.pipeline.evaluate.Vectors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExactIndexTest {
  private static float[][] vectors(int count, int width, SplittableRandom random) {
    float[][] rows = new float[count][width];
    for (float[] row : rows) {
      for (int d = 0; d < width; d++) {
        row[d] = (float) (random.nextDouble() - 0.5);
      }
    }
    return IntStream.range(0, count)
        .mapToObj(i -> Vectors.normalised(rows[i]))
        .toArray(float[][]::new);
  }

  /**
   * Below, at and above a block's 16384 rows, added in uneven pieces; below and above 256 queries.
   */
  @ParameterizedTest
  @CsvSource({"1,1", "3,10", "16384,4", "16385,5", "40000,1", "40000,300"})
  void findsWhatLookingAtEachFinds(int rows, int queries) {
    SplittableRandom random = new SplittableRandom(7);
    float[][] gallery = vectors(rows, 6, random);
    float[][] asked = vectors(queries, 6, random);
    try (ExactIndex index = new ExactIndex(6)) {
      int third = rows / 3;
      index.add(Arrays.copyOfRange(gallery, 0, third));
      index.add(Arrays.copyOfRange(gallery, third, rows));
      assertThat(index.size()).isEqualTo(rows);
      List<List<ExactIndex.Hit>> found = index.search(asked, 4);
      assertThat(found).hasSize(queries);
      for (int q = 0; q < queries; q += 37) {
        float[] query = asked[q];
        List<Integer> wanted =
            IntStream.range(0, rows)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -Vectors.dot(query, gallery[i])))
                .limit(4)
                .toList();
        assertThat(found.get(q)).hasSize(Math.min(4, rows));
        for (int i = 0; i < wanted.size(); i++) {
          ExactIndex.Hit hit = found.get(q).get(i);
          double cosine = Vectors.dot(query, gallery[wanted.get(i)]);
          assertThat((double) hit.cosine()).isCloseTo(cosine, within(1e-5));
          assertThat(Vectors.dot(query, gallery[(int) hit.row()])).isCloseTo(cosine, within(1e-5));
        }
      }
    }
  }

  @Test
  void ofEqualVectorsTheFirstComesFirst() {
    try (ExactIndex index = new ExactIndex(2)) {
      index.add(new float[][] {{0, 1}, {1, 0}, {1, 0}, {1, 0}, {0, -1}});
      assertThat(index.search(new float[][] {{1, 0}}, 2).get(0))
          .containsExactly(new ExactIndex.Hit(1, 1), new ExactIndex.Hit(2, 1));
      assertThat(index.search(new float[][] {{1, 0}}, 99).get(0)).hasSize(5);
      assertThat(index.search(new float[0][], 3)).isEmpty();
    }
  }

  @Test
  void anotherWidthIsRefused() {
    try (ExactIndex index = new ExactIndex(2)) {
      assertThatThrownBy(() -> index.add(new float[][] {{1, 0, 0}}))
          .hasMessageContaining("3 values, not 2");
    }
  }
}
