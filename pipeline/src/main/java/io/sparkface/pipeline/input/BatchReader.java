package io.sparkface.pipeline.input;

import io.sparkface.base.AllCores;
import io.sparkface.base.Lanes;
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
import io.sparkface.pipeline.tensor.ImageTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
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

  /** Arrays kept for batches to come; what is more than that is left to the collector. */
  private static final int MOST_UNUSED = 4;

  private final Options options;
  private final Augmentation augmentation;
  private final Optional<EmbeddingSet> embeddings;
  private final RowGroupCache groups;
  private final Optional<OnlineTeacher> teacher;
  private final Queue<INDArray> unused = new ArrayBlockingQueue<>(MOST_UNUSED);

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

  /** The batch that {@code descriptor} describes, made on all cores. */
  public FaceBatch read(BatchDescriptor descriptor) throws IOException {
    Rows rows = rows(descriptor);
    ImageTensor images = tensor(descriptor.size());
    AllCores.each(descriptor.size(), i -> put(rows, i, images));
    return batch(rows, images);
  }

  /**
   * What a batch is made from.
   *
   * @param teacher embeddings of the faces; none without stored ones
   */
  record Rows(BatchDescriptor descriptor, List<FaceRecord> faces, float[][] teacher) {}

  /** A batch whose pictures are being put into it. */
  record Begun(Rows rows, ImageTensor images, Future<Void> pictures) {}

  /** Reads, and decodes nothing. May be called while another thread makes batches. */
  Rows rows(BatchDescriptor descriptor) throws IOException {
    List<FaceRecord> faces = new ArrayList<>(descriptor.size());
    float[][] stored = new float[embeddings.isPresent() ? descriptor.size() : 0][];
    for (RowRef row : descriptor.rows()) {
      RowGroupCache.Rows group = groups.rows(row.group());
      if (embeddings.isPresent()) {
        stored[faces.size()] = group.teacher()[row.row()];
      }
      faces.add(group.face(row.row()));
    }
    return new Rows(descriptor, faces, stored);
  }

  /** Begins to make a batch. */
  Begun begin(Rows rows, Lanes<Void> lanes) {
    ImageTensor images = tensor(rows.faces().size());
    return new Begun(
        rows, images, lanes.begin(rows.faces().size(), (none, i) -> put(rows, i, images)));
  }

  /** The batch, when its pictures are all there. */
  FaceBatch finish(Begun begun) {
    Lanes.await(begun.pictures());
    return batch(begun.rows(), begun.images());
  }

  private void put(Rows rows, int index, ImageTensor images) {
    images.put(
        index, picture(rows.faces().get(index), rows.descriptor().epoch()), Normalisation.FACE);
  }

  private FaceBatch batch(Rows rows, ImageTensor images) {
    FaceBatch batch =
        options.mixupAlpha() == 0
            ? plain(rows, images)
            : mixed(rows, images, tensor(rows.faces().size()));
    return embeddings.isPresent()
        ? batch.withEmbeddings(Nd4j.createFromArray(rows.teacher()))
        : asked(batch);
  }

  private ImageTensor tensor(int count) {
    return ImageTensor.reusing(unused.poll(), count, options.height(), options.width());
  }

  /** Takes back the memory of a batch that no one looks at any more, for one to come. */
  void recycle(FaceBatch batch) {
    unused.offer(batch.images());
  }

  /** With what the on-line teacher says of the images as the student sees them, if there is one. */
  private FaceBatch asked(FaceBatch batch) {
    if (teacher.isEmpty()) {
      return batch;
    }
    ImageTensor images =
        ImageTensor.reusing(batch.images(), batch.size(), options.height(), options.width());
    List<RgbImage> pictures = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      pictures.add(
          Normalisation.FACE.toImage(images.values(i), 0, options.width(), options.height()));
    }
    return batch.withEmbeddings(teacher.get().of(pictures));
  }

  private static FaceBatch plain(Rows rows, ImageTensor images) {
    float[] labels = new float[rows.faces().size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = rows.faces().get(i).label();
    }
    return new FaceBatch(
        images.array(),
        Nd4j.createFromArray(labels).reshape('c', labels.length, 1),
        null,
        rows.descriptor());
  }

  /** Each image with a share of another; labels are both classes and the own share. */
  private FaceBatch mixed(Rows rows, ImageTensor images, ImageTensor into) {
    List<FaceRecord> faces = rows.faces();
    BatchDescriptor descriptor = rows.descriptor();
    SplittableRandom random =
        new SplittableRandom(
            Seeds.of(options.seed(), descriptor.epoch(), descriptor.step(), MIXUP));
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      others.add(i);
    }
    Collections.shuffle(others, new Random(random.nextLong()));
    Mixup mixup = new Mixup(options.mixupAlpha());
    float[][] labels = new float[faces.size()][];
    for (int i = 0; i < labels.length; i++) {
      float share = (float) mixup.share(random);
      int other = others.get(i);
      float[] mixed = images.values(i);
      if (share < 1) {
        float[] with = images.values(other);
        for (int p = 0; p < mixed.length; p++) {
          mixed[p] = share * mixed[p] + (1 - share) * with[p];
        }
      }
      into.put(i, mixed);
      labels[i] = new float[] {faces.get(i).label(), faces.get(other).label(), share};
    }
    unused.offer(images.array());
    return new FaceBatch(into.array(), Nd4j.createFromArray(labels), null, descriptor);
  }

  private FloatImage picture(FaceRecord face, int epoch) {
    FloatImage image =
        ImageDecoder.decodeFloat(face.image(), face.source())
            .resized(options.width(), options.height());
    SplittableRandom random = new SplittableRandom(Seeds.of(options.seed(), epoch, face.key()));
    return augmentation.apply(image, random);
  }
}
