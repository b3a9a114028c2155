package io.sparkface.pipeline.embed;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.metrics.JobMetrics;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Any pictures through a network, on executors: a list of items and how one becomes a picture. Each
 * executor loads the network once.
 */
public final class PicturePass implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int BATCH = 64;

  private final String model;
  private final Normalisation input;
  private final Views views;
  private final SerializableConfiguration hadoop;

  public PicturePass(String model, Normalisation input, Views views, Configuration hadoop) {
    this.model = model;
    this.input = input;
    this.views = views;
    this.hadoop = new SerializableConfiguration(hadoop);
  }

  /** Turns an item into a picture, on an executor. */
  public interface PictureReader<T> extends Serializable {
    RgbImage read(T item, Configuration hadoop) throws IOException;
  }

  /**
   * Embeddings of one item.
   *
   * @param index of the item in the list
   * @param mirrored null where the mirror image was not embedded
   */
  public record Embedded<T>(T item, long index, float[] plain, float[] mirrored)
      implements Serializable {}

  /** Embeds lazily, in the list's order within each partition. */
  public <T> JavaRDD<Embedded<T>> over(
      JavaSparkContext spark, List<T> items, PictureReader<T> reader) {
    return spark
        .parallelize(items, EmbeddingPass.networks(spark))
        .zipWithIndex()
        .mapPartitions(part -> new Batches<>(this, part, reader));
  }

  /** Embeds all items and brings the embeddings to the driver: 4 * width bytes a view. */
  public <T> ViewEmbeddings collect(
      JavaSparkContext spark, List<T> items, PictureReader<T> reader) {
    float[][] plain = new float[items.size()][];
    float[][] mirrored = new float[items.size()][];
    over(spark, items, reader)
        .map(one -> new Embedded<Object>(null, one.index(), one.plain(), one.mirrored()))
        .collect()
        .forEach(
            one -> {
              plain[(int) one.index()] = one.plain();
              mirrored[(int) one.index()] = one.mirrored();
            });
    return new ViewEmbeddings(
        plain, views == Views.PLAIN ? Optional.empty() : Optional.of(mirrored));
  }

  /**
   * @throws UserError when a value is not finite: no score can be made of it (trap 49)
   */
  static void requireFinite(float[] embedding, String model) {
    for (float value : embedding) {
      if (!Float.isFinite(value)) {
        throw new UserError(
            "the network's embedding is not finite: it holds " + value,
            model,
            "use an older checkpoint, and train with a lower learning rate");
      }
    }
  }

  private static final class Batches<T> implements Iterator<Embedded<T>> {
    private final PicturePass pass;
    private final Iterator<Tuple2<T, Long>> items;
    private final PictureReader<T> reader;
    private final Progress progress;
    private final Embedder embedder;
    private Iterator<Embedded<T>> ready = List.<Embedded<T>>of().iterator();
    private boolean closed;

    Batches(PicturePass pass, Iterator<Tuple2<T, Long>> items, PictureReader<T> reader) {
      this.pass = pass;
      this.items = items;
      this.reader = reader;
      this.progress = new Progress("embed with " + pass.model, "images", 0);
      this.embedder = Embedder.open(pass.model, pass.input, pass.hadoop.value());
    }

    @Override
    public boolean hasNext() {
      if (!ready.hasNext() && items.hasNext()) {
        ready = embed().iterator();
      }
      if (!ready.hasNext() && !closed) {
        embedder.close();
        closed = true;
      }
      return ready.hasNext();
    }

    @Override
    public Embedded<T> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.next();
    }

    private List<Embedded<T>> embed() {
      List<Tuple2<T, Long>> batch = new ArrayList<>(BATCH);
      while (batch.size() < BATCH && items.hasNext()) {
        batch.add(items.next());
      }
      List<RgbImage> pictures = batch.parallelStream().map(item -> picture(item._1())).toList();
      float[][] plain = embedder.embed(pictures);
      float[][] mirrored =
          pass.views == Views.PLAIN
              ? null
              : embedder.embed(pictures.stream().map(RgbImage::flipped).toList());
      JobMetrics.embedded(pictures.size());
      List<Embedded<T>> embedded = new ArrayList<>(batch.size());
      for (int i = 0; i < batch.size(); i++) {
        requireFinite(plain[i], pass.model);
        if (mirrored != null) {
          requireFinite(mirrored[i], pass.model);
        }
        embedded.add(
            new Embedded<>(
                batch.get(i)._1(),
                batch.get(i)._2(),
                plain[i],
                mirrored == null ? null : mirrored[i]));
      }
      progress.add(batch.size());
      return embedded;
    }

    private RgbImage picture(T item) {
      try {
        return reader.read(item, pass.hadoop.value());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
