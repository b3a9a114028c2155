package io.sparkface.pipeline.input;

import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.images.augment.Augmentation;
import io.sparkface.datasets.images.augment.Mixup;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.distill.OnlineTeacher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns descriptors into batches: reads row groups, decodes, augments, normalises. What an image
 * becomes depends on (seed, epoch, key) alone. For one thread at a time.
 */
public final class BatchReader {
  /** Sets the seed of mixing apart from others of the same step. */
  private static final long MIXUP = 1;

  private final Options options;
  private final Augmentation augmentation;
  private final Optional<EmbeddingSet> embeddings;
  private final RowGroupCache groups;
  private final Optional<OnlineTeacher> teacher;

  /**
   * How images become batches.
   *
   * @param seed of augmentation
   * @param height rows of pixels images are brought to
   * @param width columns of pixels images are brought to
   * @param augmentation what happens to an image before it is normalised
   * @param mixupAlpha of the Beta distribution images are mixed by; 0 mixes none
   * @param teacher that is asked about each batch
   */
  public record Options(
      long seed,
      int height,
      int width,
      AugmentationSpec augmentation,
      double mixupAlpha,
      OnlineTeacher.Source teacher)
      implements java.io.Serializable {
    /** Images as they are. */
    public Options plain() {
      return new Options(seed, height, width, AugmentationSpec.NONE, 0, OnlineTeacher.Source.NONE);
    }
  }

  public BatchReader(
      FaceSet faces, Optional<EmbeddingSet> embeddings, Options options, Configuration hadoop) {
    this.embeddings = embeddings;
    this.options = options;
    this.augmentation = options.augmentation().build();
    this.groups = new RowGroupCache(faces, embeddings, hadoop);
    this.teacher =
        options.teacher().any()
            ? Optional.of(OnlineTeacher.open(options.teacher(), hadoop))
            : Optional.empty();
  }

  /** The batch that {@code descriptor} describes. */
  public FaceBatch read(BatchDescriptor descriptor) throws IOException {
    List<FaceRecord> faces = new ArrayList<>(descriptor.size());
    float[][] stored = new float[descriptor.size()][];
    for (RowRef row : descriptor.rows()) {
      RowGroupCache.Rows group = groups.rows(row.group());
      if (embeddings.isPresent()) {
        stored[faces.size()] = group.teacher()[row.row()];
      }
      faces.add(group.faces().get(row.row()));
    }
    int pixels = options.height() * options.width() * 3;
    float[] images = new float[faces.size() * pixels];
    IntStream.range(0, faces.size())
        .parallel()
        .forEach(i -> image(faces.get(i), descriptor.epoch(), images, i * pixels));
    // before the images are copied, as it may mix them
    INDArray labels = labels(faces, descriptor, images);
    return new FaceBatch(
        Nd4j.createFromArray(images)
            .reshape('c', faces.size(), options.height(), options.width(), 3),
        labels,
        embeddings.isPresent() ? Nd4j.createFromArray(stored) : asked(images),
        descriptor);
  }

  /** What the on-line teacher says of the images as the student sees them, or null without one. */
  private INDArray asked(float[] images) {
    if (teacher.isEmpty()) {
      return null;
    }
    int pixels = options.height() * options.width() * 3;
    List<RgbImage> pictures = new ArrayList<>();
    for (int from = 0; from < images.length; from += pixels) {
      pictures.add(Normalisation.FACE.toImage(images, from, options.width(), options.height()));
    }
    return teacher.get().of(pictures);
  }

  /** Class numbers; with mixup also the other's and the own share, and the images are mixed. */
  private INDArray labels(List<FaceRecord> faces, BatchDescriptor descriptor, float[] images) {
    if (options.mixupAlpha() == 0) {
      float[] labels = new float[faces.size()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = faces.get(i).label();
      }
      return Nd4j.createFromArray(labels).reshape('c', faces.size(), 1);
    }
    SplittableRandom random =
        new SplittableRandom(
            Seeds.of(options.seed(), descriptor.epoch(), descriptor.step(), MIXUP));
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      others.add(i);
    }
    Collections.shuffle(others, new Random(random.nextLong()));
    Mixup mixup = new Mixup(options.mixupAlpha());
    float[] unmixed = images.clone();
    int pixels = images.length / faces.size();
    float[][] labels = new float[faces.size()][];
    for (int i = 0; i < labels.length; i++) {
      float share = (float) mixup.share(random);
      int other = others.get(i);
      for (int p = 0; share < 1 && p < pixels; p++) {
        images[i * pixels + p] =
            share * unmixed[i * pixels + p] + (1 - share) * unmixed[other * pixels + p];
      }
      labels[i] = new float[] {faces.get(i).label(), faces.get(other).label(), share};
    }
    return Nd4j.createFromArray(labels);
  }

  private void image(FaceRecord face, int epoch, float[] into, int offset) {
    FloatImage image =
        FloatImage.of(ImageDecoder.decode(face.image(), face.source()))
            .resized(options.width(), options.height());
    SplittableRandom random = new SplittableRandom(Seeds.of(options.seed(), epoch, face.key()));
    Normalisation.FACE.toNhwc(augmentation.apply(image, random), into, offset);
  }
}
