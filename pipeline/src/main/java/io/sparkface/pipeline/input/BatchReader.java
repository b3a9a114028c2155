package io.sparkface.pipeline.input;

import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.distill.EmbeddingSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Turns descriptors into batches: reads row groups, decodes, augments, normalises. What an image
 * becomes depends on (seed, epoch, key) alone. For one thread at a time.
 */
public final class BatchReader {
  private final Options options;
  private final Optional<EmbeddingSet> embeddings;
  private final RowGroupCache groups;

  /**
   * How images become batches.
   *
   * @param seed of augmentation
   * @param height rows of pixels images are brought to
   * @param width columns of pixels images are brought to
   * @param flip probability of a horizontal flip
   */
  public record Options(long seed, int height, int width, double flip)
      implements java.io.Serializable {}

  public BatchReader(
      FaceSet faces, Optional<EmbeddingSet> embeddings, Options options, Configuration hadoop) {
    this.embeddings = embeddings;
    this.options = options;
    this.groups = new RowGroupCache(faces, embeddings, hadoop);
  }

  /** The batch that {@code descriptor} describes. */
  public FaceBatch read(BatchDescriptor descriptor) throws IOException {
    List<FaceRecord> faces = new ArrayList<>(descriptor.size());
    float[][] teacher = new float[descriptor.size()][];
    for (RowRef row : descriptor.rows()) {
      RowGroupCache.Rows group = groups.rows(row.group());
      if (embeddings.isPresent()) {
        teacher[faces.size()] = group.teacher()[row.row()];
      }
      faces.add(group.faces().get(row.row()));
    }
    int pixels = options.height() * options.width() * 3;
    float[] images = new float[faces.size() * pixels];
    IntStream.range(0, faces.size())
        .parallel()
        .forEach(i -> image(faces.get(i), descriptor.epoch(), images, i * pixels));
    float[] labels = new float[faces.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = faces.get(i).label();
    }
    return new FaceBatch(
        Nd4j.createFromArray(images)
            .reshape('c', faces.size(), options.height(), options.width(), 3),
        Nd4j.createFromArray(labels).reshape('c', faces.size(), 1),
        embeddings.isPresent() ? Nd4j.createFromArray(teacher) : null,
        descriptor);
  }

  private void image(FaceRecord face, int epoch, float[] into, int offset) {
    RgbImage image = ImageDecoder.decode(face.image(), face.source());
    if (image.width() != options.width() || image.height() != options.height()) {
      image = image.resized(options.width(), options.height());
    }
    SplittableRandom random = new SplittableRandom(Seeds.of(options.seed(), epoch, face.key()));
    if (random.nextDouble() < options.flip()) {
      image = image.flipped();
    }
    Normalisation.FACE.toNhwc(image, into, offset);
  }
}
