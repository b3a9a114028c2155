package io.sparkface.pipeline.evaluate.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.SmallModel;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.prepare.PersonFolders;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderEvaluationTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  /** Two people in the plane: a at 0 and 80 degrees, b at 50 degrees, c once at 180 degrees. */
  private static Gallery plane() {
    double[] degrees = {0, 80, 50, 50, 180};
    float[][] embeddings = new float[degrees.length][];
    for (int i = 0; i < degrees.length; i++) {
      embeddings[i] =
          new float[] {
            (float) Math.cos(Math.toRadians(degrees[i])),
            (float) Math.sin(Math.toRadians(degrees[i]))
          };
    }
    return new Gallery(
        List.of("a", "b", "c"),
        List.of("a1", "a2", "b1", "b2", "c1"),
        new int[] {0, 0, 1, 1, 2},
        embeddings);
  }

  /**
   * With themselves in it, a's prototype lies at 40 degrees: a1 is nearest to it, a2 to b's at 50.
   * Alone, each a has the other 80 degrees off, b's nearer.
   */
  @Test
  void thePictureItselfFlattersItsPrototype() {
    PrototypeEvaluation found = PrototypeEvaluation.of(plane());
    assertThat(found.withProbe().probes()).isEqualTo(5);
    assertThat(found.withProbe().top1()).isEqualTo(4 / 5.0);
    assertThat(found.withoutProbe().probes()).isEqualTo(4);
    assertThat(found.withoutProbe().top1()).isEqualTo(2 / 4.0);
    // scores of one's own: cos 80, cos 80, 1, 1; of others: cos 50, cos 30, cos 10 twice, and c's
    assertThat(found.withoutProbe().tarAtFar().get("1e-6")).isEqualTo(.5);
    // of the 4 x 8 comparisons 16 are won by b's own; cos 80 beats the four with c
    assertThat(found.withoutProbe().auc()).isCloseTo((2 * 8 + 2 * 4) / 32.0, within(1e-9));
  }

  @Test
  void hardPairsAreTheLowestOfOneAndTheHighestOfTwo() {
    List<HardPairs.Pair> pairs = HardPairs.of(plane(), new HardPairs.Limits(1, 3, 0, 1));
    List<HardPairs.Pair> same = pairs.stream().filter(HardPairs.Pair::same).toList();
    assertThat(same).hasSize(1);
    assertThat(same.get(0).first()).isEqualTo(0);
    assertThat(same.get(0).second()).isEqualTo(1);
    assertThat(pairs.stream().filter(pair -> !pair.same()).map(HardPairs.Pair::cosine))
        .hasSize(3)
        .allMatch(cosine -> cosine > Math.cos(Math.toRadians(51)));
    assertThat(HardPairs.of(plane(), new HardPairs.Limits(9, 9, .5, .7)))
        .allMatch(pair -> pair.same() ? pair.cosine() > .5 : pair.cosine() < .7);
  }

  @Test
  void foldsAreAlikeForAnyNumberOfPairs() {
    SplittableRandom random = new SplittableRandom(5);
    for (int people = 2; people < 9; people++) {
      int[] person = new int[4 * people + 3];
      float[][] embeddings = new float[person.length][];
      List<String> names = new ArrayList<>();
      for (int i = 0; i < person.length; i++) {
        person[i] = Math.min(i / 4, people - 1);
        embeddings[i] =
            io.sparkface.pipeline.evaluate.Vectors.normalised(
                new float[] {
                  (float) random.nextDouble(), (float) random.nextDouble(), 1 + person[i]
                });
      }
      for (int p = 0; p < people; p++) {
        names.add("p" + p);
      }
      Gallery gallery =
          new Gallery(names, Arrays.asList(new String[person.length]), person, embeddings);
      int negatives = 7 * people;
      List<HardPairs.Pair> pairs =
          HardPairs.of(gallery, new HardPairs.Limits(23, negatives, -1, 2));
      Set<HardPairs.Pair> once = new HashSet<>(pairs);
      assertThat(once).hasSameSizeAs(pairs);
      long same = pairs.stream().filter(HardPairs.Pair::same).count();
      double share = (double) same / pairs.size();
      int from = 0;
      for (int fold = 0; fold < 10; fold++) {
        int size = pairs.size() / 10 + (fold < pairs.size() % 10 ? 1 : 0);
        long inFold =
            pairs.subList(from, from + size).stream().filter(HardPairs.Pair::same).count();
        assertThat((double) inFold).isCloseTo(share * size, within(1.0));
        from += size;
      }
    }
  }

  @Test
  void writesAPairSetThatCanBeEvaluated() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    for (int person = 0; person < 3; person++) {
      Path home = Files.createDirectories(folder.resolve("people/p" + person));
      for (int i = 0; i < 3; i++) {
        int side = i == 0 ? 112 : 40;
        byte[] rgb = new byte[3 * side * side];
        random.nextBytes(rgb);
        Files.write(home.resolve(i + ".jpg"), ImageEncoder.jpeg(new RgbImage(side, side, rgb), .9));
      }
    }
    String model = SmallModel.write(folder.resolve("model"));
    FolderEvaluation evaluation =
        FolderEvaluation.embed(
            JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()),
            PersonFolders.open(
                new org.apache.hadoop.fs.Path(folder.resolve("people").toString()), HADOOP),
            new FolderEvaluation.Options(
                model, Normalisation.FACE, PairSet.Flip.NONE, Optional.empty()));
    assertThat(evaluation.prototypes().images()).isEqualTo(9);
    String bin = folder.resolve("hard.bin").toString();
    FolderEvaluation.WrittenPairs written =
        evaluation.writePairs(bin, new HardPairs.Limits(5, 4, -1, 2), StagedOutput.Existing.REFUSE);
    assertThat(written).isEqualTo(new FolderEvaluation.WrittenPairs(5, 4));
    PairSet set = PairSet.open(bin, HADOOP);
    assertThat(set.pairs()).hasSize(9);
    assertThat(set.pictures())
        .allMatch(
            picture -> ImageDecoder.decode(picture.encoded(), picture.where()).width() == 112);
    assertThatThrownBy(
            () ->
                evaluation.writePairs(
                    bin, new HardPairs.Limits(5, 4, -1, 2), StagedOutput.Existing.REFUSE))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--overwrite");
    assertThatThrownBy(
            () ->
                evaluation.writePairs(
                    bin, new HardPairs.Limits(5, 4, 1, 2), StagedOutput.Existing.OVERWRITE))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no pair of one person");
  }
}
