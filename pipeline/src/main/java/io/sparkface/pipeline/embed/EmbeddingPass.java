package io.sparkface.pipeline.embed;

import io.sparkface.base.AllCores;
import io.sparkface.base.Lanes;
import io.sparkface.base.ReadAhead;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.metrics.JobMetrics;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Every image of a face set through one network or several, on executors: row group by row group,
 * so that memory does not depend on the size of an identity or of a file (trap 57). Rows are read
 * and batches begun ahead of those that are asked for, so that no core waits at a batch's end.
 *
 * <p>Of several networks an image has one embedding: theirs, each of unit length over √n, one
 * behind the other. The cosine of two such is the mean of the networks' cosines.
 */
public final class EmbeddingPass implements Serializable {
  private static final long serialVersionUID = 2L;

  private static final int BATCH = 64;

  private static final int BATCHES_AHEAD = 4;

  private final ArrayList<String> models;
  private final Normalisation input;
  private final SerializableConfiguration hadoop;

  public EmbeddingPass(List<String> models, Normalisation input, SerializableConfiguration hadoop) {
    this.models = new ArrayList<>(models);
    this.input = input;
    this.hadoop = hadoop;
  }

  /** One image and what the network makes of it. */
  public record Embedded(FaceRecord row, float[] embedding) {}

  /**
   * Tasks to cut a set into: one network per executor, which uses all its cores; more would share
   * them.
   */
  public static int networks(JavaSparkContext spark) {
    return Math.max(1, spark.sc().getExecutorMemoryStatus().size() - 1);
  }

  public Configuration hadoop() {
    return hadoop.value();
  }

  /** Loads the networks in this JVM. */
  public Network open() {
    List<Embedder> opened = new ArrayList<>();
    for (String model : models) {
      opened.add(Embedder.open(model, input, hadoop()));
    }
    return new Network(opened, String.join(", ", models), hadoop());
  }

  /** The network or networks of one task. */
  public static final class Network implements AutoCloseable {
    private final List<Embedder> embedders;
    private final String models;
    private final Configuration hadoop;

    Network(List<Embedder> embedders, String models, Configuration hadoop) {
      this.embedders = embedders;
      this.models = models;
      this.hadoop = hadoop;
    }

    public int width() {
      return embedders.stream().mapToInt(Embedder::width).sum();
    }

    /** The images of a Parquet file in its order. */
    public EmbeddedFile embedFile(String file) throws IOException {
      return new EmbeddedFile(FaceFile.open(new Path(file), hadoop), this);
    }

    /** Begins to embed; of several networks all is done when this returns. */
    private CompletableFuture<float[][]> begin(List<FaceRecord> rows) {
      IntFunction<RgbImage> pictures =
          i -> ImageDecoder.decode(rows.get(i).image(), rows.get(i).source());
      if (embedders.size() == 1) {
        return embedders.get(0).begin(rows.size(), pictures);
      }
      RgbImage[] decoded = new RgbImage[rows.size()];
      AllCores.each(decoded.length, i -> decoded[i] = pictures.apply(i));
      return CompletableFuture.completedFuture(joined(List.of(decoded)));
    }

    /** Batches that are to be under way at the same time. */
    private int batchesAtOnce() {
      int ahead = embedders.size() == 1 ? embedders.get(0).ahead() : 0;
      return 1 + (ahead + BATCH - 1) / BATCH;
    }

    private float[][] joined(List<RgbImage> pictures) {
      float[][] all = new float[pictures.size()][width()];
      int at = 0;
      for (Embedder embedder : embedders) {
        float[][] one = embedder.embed(pictures);
        for (int i = 0; i < one.length; i++) {
          double square = 0;
          for (float value : one[i]) {
            square += value * value;
          }
          double factor = 1 / Math.sqrt(Math.max(square, 1e-12) * embedders.size());
          for (int d = 0; d < one[i].length; d++) {
            all[i][at + d] = (float) (one[i][d] * factor);
          }
        }
        at += embedder.width();
      }
      return all;
    }

    @Override
    public void close() {
      embedders.forEach(Embedder::close);
    }
  }

  /** The images of a file, embedded as they are asked for; a thread reads those to come. */
  public static final class EmbeddedFile implements Iterator<Embedded>, AutoCloseable {
    private final FaceFile file;
    private final Network network;
    private final ReadAhead<List<FaceRecord>> batches;
    private final Queue<Begun> begun = new ArrayDeque<>();
    private Iterator<Embedded> ready = List.<Embedded>of().iterator();

    /** A batch that is under way. */
    private record Begun(List<FaceRecord> rows, Future<float[][]> embeddings) {}

    EmbeddedFile(FaceFile file, Network network) {
      this.file = file;
      this.network = network;
      this.batches = new ReadAhead<>("rows", BATCHES_AHEAD, this::read);
    }

    private void read(ReadAhead.Sink<List<FaceRecord>> sink)
        throws IOException, InterruptedException {
      for (int group = 0; group < file.rowGroupCount(); group++) {
        List<FaceRecord> rows = file.read(group);
        for (int from = 0; from < rows.size(); from += BATCH) {
          sink.put(rows.subList(from, Math.min(from + BATCH, rows.size())));
        }
      }
    }

    private List<Embedded> finish(Begun next) {
      float[][] embeddings = Lanes.await(next.embeddings());
      JobMetrics.embedded(embeddings.length);
      List<Embedded> embedded = new ArrayList<>(embeddings.length);
      for (int i = 0; i < embeddings.length; i++) {
        PicturePass.requireFinite(embeddings[i], network.models);
        embedded.add(new Embedded(next.rows().get(i), embeddings[i]));
      }
      return embedded;
    }

    @Override
    public boolean hasNext() {
      while (!ready.hasNext() && (batches.hasNext() || !begun.isEmpty())) {
        while (begun.size() < network.batchesAtOnce() && batches.hasNext()) {
          List<FaceRecord> rows = batches.next();
          begun.add(new Begun(rows, network.begin(rows)));
        }
        ready = finish(begun.remove()).iterator();
      }
      return ready.hasNext();
    }

    @Override
    public Embedded next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.next();
    }

    @Override
    public void close() throws IOException {
      batches.close();
      file.close();
    }
  }
}
