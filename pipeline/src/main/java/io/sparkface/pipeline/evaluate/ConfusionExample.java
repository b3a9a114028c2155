package io.sparkface.pipeline.evaluate;

import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A pair that is hard to tell, to look at.
 *
 * @param same whether it shows one person
 * @param cosine of its embeddings
 * @param where set and number of the pair
 * @param first a small JPEG
 * @param second a small JPEG
 */
public record ConfusionExample(
    boolean same, double cosine, String where, byte[] first, byte[] second) {
  private static final int SIDE = 96;
  private static final double QUALITY = 0.8;

  /**
   * The hardest pairs of a set: those of one person with the lowest cosines, then those of two with
   * the highest.
   *
   * @param count how many of either kind at most
   */
  public static List<ConfusionExample> of(PairSet set, double[] cosines, int count) {
    boolean[] same = set.same();
    Comparator<Integer> lowest = Comparator.comparingDouble(i -> cosines[i]);
    List<ConfusionExample> examples = new ArrayList<>();
    for (boolean kind : new boolean[] {true, false}) {
      IntStream.range(0, cosines.length)
          .filter(i -> same[i] == kind)
          .boxed()
          .sorted(kind ? lowest : lowest.reversed())
          .limit(count)
          .forEach(i -> examples.add(of(set, i, cosines[i])));
    }
    return examples;
  }

  private static ConfusionExample of(PairSet set, int i, double cosine) {
    List<PairSet.Picture> pictures = set.pictures(i);
    return new ConfusionExample(
        set.pairs().get(i).same(),
        cosine,
        pictures.get(0).where(),
        small(pictures.get(0)),
        small(pictures.get(1)));
  }

  /** Encoded anew, so that bytes of strangers do not come to stand in a page. */
  private static byte[] small(PairSet.Picture picture) {
    RgbImage image = picture.decoded();
    return ImageEncoder.jpeg(image.resized(SIDE, SIDE), QUALITY);
  }
}
