package io.sparkface.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.SmallModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphEmbedderTest {
  @TempDir Path folder;

  /** 67 pictures: several pieces, of which the last is smaller. */
  @Test
  void manyAtOnceAreWhatEachIsAlone() throws IOException {
    String model = SmallModel.write(folder.resolve("model"));
    List<RgbImage> pictures = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 67; i++) {
      byte[] pixels = new byte[3 * 40 * 40];
      random.nextBytes(pixels);
      pictures.add(new RgbImage(40, 40, pixels));
    }
    try (Embedder embedder = Embedder.open(model, Normalisation.FACE, new Configuration())) {
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
}
