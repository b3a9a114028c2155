package io.sparkface.pipeline.embed;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Every image of a face set through a network, on executors: row group by row group, so that memory
 * does not depend on the size of an identity or of a file (trap 57).
 */
public final class EmbeddingPass implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BATCH = 64;

  private final String model;
  private final Normalisation input;
  private final SerializableConfiguration hadoop;

  public EmbeddingPass(String model, Normalisation input, SerializableConfiguration hadoop) {
    this.model = model;
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

  /** Loads the network in this JVM. */
  public Network open() {
    return new Network(Embedder.open(model, input, hadoop()), hadoop());
  }

  /** The network of one task. */
  public static final class Network implements AutoCloseable {
    private final Embedder embedder;
    private final Configuration hadoop;

    Network(Embedder embedder, Configuration hadoop) {
      this.embedder = embedder;
      this.hadoop = hadoop;
    }

    public int width() {
      return embedder.width();
    }

    /** The images of a Parquet file in its order. The file is open until the last is taken. */
    public Iterator<Embedded> embedFile(String file) throws IOException {
      return new EmbeddedFile(FaceFile.open(new Path(file), hadoop), embedder);
    }

    @Override
    public void close() {
      embedder.close();
    }
  }

  private static final class EmbeddedFile implements Iterator<Embedded> {
    private final FaceFile file;
    private final Embedder embedder;
    private final Deque<Embedded> ready = new ArrayDeque<>();
    private int group;

    EmbeddedFile(FaceFile file, Embedder embedder) {
      this.file = file;
      this.embedder = embedder;
    }

    @Override
    public boolean hasNext() {
      try {
        while (ready.isEmpty() && group < file.rowGroupCount()) {
          embed(file.read(group++));
        }
        if (ready.isEmpty()) {
          file.close();
        }
        return !ready.isEmpty();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void embed(List<FaceRecord> rows) {
      for (int from = 0; from < rows.size(); from += BATCH) {
        List<FaceRecord> part = rows.subList(from, Math.min(from + BATCH, rows.size()));
        List<RgbImage> pictures = new ArrayList<>(part.size());
        for (FaceRecord row : part) {
          pictures.add(ImageDecoder.decode(row.image(), row.source()));
        }
        float[][] embeddings = embedder.embed(pictures);
        for (int i = 0; i < part.size(); i++) {
          ready.add(new Embedded(part.get(i), embeddings[i]));
        }
      }
    }

    @Override
    public Embedded next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }
  }
}
