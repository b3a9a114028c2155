package io.sparkface.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.Lanes;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.SmallModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphEmbedderTest {
  @TempDir Path folder;

  /** 67 pictures: several pieces, of which the last is smaller. */
  @Test
  void manyAtOnceAreWhatEachIsAlone() throws IOException {
    List<RgbImage> pictures = pictures(67);
    try (Embedder embedder = open()) {
      float[][] together = embedder.embed(pictures);
      // lanes and plans that have been used before
      assertThat(embedder.embed(pictures)).isDeepEqualTo(together);
      for (int i = 0; i < pictures.size(); i++) {
        float[] alone = embedder.embed(pictures.subList(i, i + 1))[0];
        assertThat(together[i]).hasSameSizeAs(alone);
        for (int d = 0; d < alone.length; d++) {
          assertThat(together[i][d]).as("picture %d", i).isEqualTo(alone[d], within(1e-4f));
        }
      }
    }
  }

  @Test
  void whatIsBegunTogetherComesInItsOwnOrder() throws IOException {
    List<RgbImage> pictures = pictures(75);
    try (Embedder embedder = open()) {
      Future<float[][]> first = embedder.begin(40, pictures::get);
      Future<float[][]> second = embedder.begin(35, i -> pictures.get(40 + i));
      float[][] all = embedder.embed(pictures);
      assertThat(Lanes.await(first)[39]).containsExactly(all[39], within(1e-4f));
      assertThat(Lanes.await(second)).hasDimensions(35, embedder.width());
      assertThat(Lanes.await(second)[34]).containsExactly(all[74], within(1e-4f));
      assertThat(embedder.ahead()).isPositive();
    }
  }

  @Test
  void aPictureThatCannotBeMadeIsTheErrorOfItsBatchAlone() throws IOException {
    List<RgbImage> pictures = pictures(40);
    try (Embedder embedder = open()) {
      Future<float[][]> failing =
          embedder.begin(
              40,
              i -> {
                if (i == 33) {
                  throw new UserError("damaged", "picture 33", "take it away");
                }
                return pictures.get(i);
              });
      Future<float[][]> next = embedder.begin(40, pictures::get);
      assertThatThrownBy(() -> Lanes.await(failing))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("picture 33");
      assertThat(Lanes.await(next)).hasDimensions(40, embedder.width());
    }
  }

  private Embedder open() throws IOException {
    return Embedder.open(
        SmallModel.write(folder.resolve("model")), Normalisation.FACE, new Configuration());
  }

  private static List<RgbImage> pictures(int count) {
    List<RgbImage> pictures = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < count; i++) {
      byte[] pixels = new byte[3 * 40 * 40];
      random.nextBytes(pixels);
      pictures.add(new RgbImage(40, 40, pixels));
    }
    return pictures;
  }
}
