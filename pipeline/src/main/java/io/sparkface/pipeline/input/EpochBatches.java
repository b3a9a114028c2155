package io.sparkface.pipeline.input;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.distill.EmbeddingSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The batches of one epoch, in an order that depends on seed and epoch alone: row groups are
 * shuffled, rows are shuffled within a window of row groups, and a reader thread decodes a few
 * batches ahead of the network. Augmentation of an image depends on (seed, epoch, key) alone. The
 * last, smaller batch is left out (spec 2.3).
 */
public final class EpochBatches implements Iterator<FaceBatch>, AutoCloseable {
  private static final int AHEAD = 3;

  /** Rows shuffled together, so that images near each other in a file part again. */
  private static final int WINDOW = 2048;

  private final Options options;
  private final FaceSet faces;
  private final Optional<EmbeddingSet> embeddings;
  private final Configuration hadoop;
  private final int epoch;
  private final long steps;
  private final BlockingQueue<FaceBatch> queue = new ArrayBlockingQueue<>(AHEAD);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread reader;
  private long taken;

  /**
   * How images become batches.
   *
   * @param seed of order and augmentation
   * @param batchSize images per batch
   * @param height rows of pixels images are brought to
   * @param width columns of pixels images are brought to
   * @param flip probability of a horizontal flip
   */
  public record Options(long seed, int batchSize, int height, int width, double flip) {}

  public EpochBatches(
      FaceSet faces,
      Optional<EmbeddingSet> embeddings,
      Options options,
      int epoch,
      Configuration hadoop) {
    this.faces = faces;
    this.embeddings = embeddings;
    this.options = options;
    this.epoch = epoch;
    this.hadoop = hadoop;
    this.steps = steps(faces, options.batchSize());
    this.reader = new Thread(this::read, "batches-epoch-" + epoch);
    reader.setDaemon(true);
    reader.start();
  }

  /** Steps of an epoch; a {@link UserError} when the set holds less than one batch (trap 17). */
  public static long steps(FaceSet faces, int batchSize) {
    long rows = faces.manifest().rows();
    if (rows < batchSize) {
      throw new UserError(
          "the set has " + rows + " images, less than one batch of " + batchSize,
          "data.batch-size",
          "lower data.batch-size");
    }
    return rows / batchSize;
  }

  @Override
  public boolean hasNext() {
    return taken < steps;
  }

  @Override
  public FaceBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    try {
      FaceBatch batch = null;
      while (batch == null) {
        batch = queue.poll(200, java.util.concurrent.TimeUnit.MILLISECONDS);
        if (batch == null && !reader.isAlive() && queue.isEmpty()) {
          throw failed();
        }
      }
      taken++;
      return batch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    }
  }

  private RuntimeException failed() {
    Throwable cause = failure.get();
    if (cause instanceof RuntimeException known) {
      return known;
    }
    return new IllegalStateException(
        "the epoch ended after " + taken + " of " + steps + " batches", cause);
  }

  @Override
  public void close() {
    reader.interrupt();
    queue.clear();
    try {
      reader.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try {
      List<RowGroup> order = new ArrayList<>(faces.rowGroups());
      Random random = new Random(new SplittableRandom(options.seed() * 31 + epoch).nextLong());
      Collections.shuffle(order, random);
      List<Face> window = new ArrayList<>();
      long sent = 0;
      for (int i = 0; i < order.size() && sent < steps; i++) {
        window.addAll(faces(order.get(i)));
        boolean last = i == order.size() - 1;
        if (window.size() >= WINDOW || last) {
          Collections.shuffle(window, random);
          int from = 0;
          while (window.size() - from >= options.batchSize() && sent < steps) {
            queue.put(batch(window.subList(from, from + options.batchSize())));
            from += options.batchSize();
            sent++;
          }
          window = new ArrayList<>(window.subList(from, window.size()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      failure.set(new UncheckedIOException(e));
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private record Face(FaceRecord row, float[] embedding) {}

  private List<Face> faces(RowGroup group) throws IOException {
    List<FaceRecord> rows;
    try (FaceFile file = FaceFile.open(new Path(group.file()), hadoop)) {
      rows = file.read(group.index());
    }
    float[][] teacher =
        embeddings.isPresent() ? embeddings.get().of(group, rows) : new float[rows.size()][];
    List<Face> found = new ArrayList<>(rows.size());
    for (int i = 0; i < teacher.length; i++) {
      found.add(new Face(rows.get(i), teacher[i]));
    }
    return found;
  }

  private FaceBatch batch(List<Face> faces) {
    int height = options.height();
    int width = options.width();
    int pixels = height * width * 3;
    float[] images = new float[faces.size() * pixels];
    float[] labels = new float[faces.size()];
    float[][] teacher = new float[faces.size()][];
    for (int i = 0; i < faces.size(); i++) {
      FaceRecord row = faces.get(i).row();
      RgbImage image = ImageDecoder.decode(row.image(), row.source());
      if (image.width() != width || image.height() != height) {
        image = image.resized(width, height);
      }
      if (new SplittableRandom(options.seed() ^ (row.key() * 0x9E3779B97F4A7C15L + epoch))
              .nextDouble()
          < options.flip()) {
        image = image.flipped();
      }
      Normalisation.FACE.toNhwc(image, images, i * pixels);
      labels[i] = row.label();
      teacher[i] = faces.get(i).embedding();
    }
    return new FaceBatch(
        Nd4j.createFromArray(images).reshape('c', faces.size(), height, width, 3),
        Nd4j.createFromArray(labels).reshape('c', faces.size(), 1),
        embeddings.isPresent() ? Nd4j.createFromArray(teacher) : null);
  }
}
