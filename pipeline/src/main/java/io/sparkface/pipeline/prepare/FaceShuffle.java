package io.sparkface.pipeline.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.ShuffledRDD;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * The input read once and scattered over buckets, each of which becomes a file. Beside the buckets
 * there is one more partition, to which every task that reads sends what it found in all: it is
 * read first, so that identities are numbered and bad records known before anything is written,
 * without another pass over the input.
 *
 * <p>A bucket is held in memory while it is sorted, so buckets have a size that does not depend on
 * the input's.
 */
final class FaceShuffle implements AutoCloseable {
  /** Most bytes of the pictures of a bucket, and so of a file. */
  private static final long BUCKET_BYTES = 96L << 20;

  /** Small sets have smaller ones, so that several tasks write them. */
  private static final long LEAST_BUCKET_BYTES = 16L << 20;

  private static final int BUCKETS_OF_A_SMALL_SET = 16;
  private static final int MOST_BUCKETS = 100_000;

  private final JavaRDD<Shuffled> scattered;
  private final FaceOrder order;
  private final int buckets;

  /**
   * @param bytes size of the input
   */
  FaceShuffle(JavaRDD<Entry> entries, FaceOrder order, long bytes) {
    this.order = order;
    this.buckets = buckets(bytes);
    int count = buckets;
    JavaRDD<Tuple2<Integer, Shuffled>> sent =
        entries.mapPartitions(part -> new Sender(part, order, count));
    ClassTag<Integer> number = ClassTag$.MODULE$.apply(Integer.class);
    ClassTag<Shuffled> item = ClassTag$.MODULE$.apply(Shuffled.class);
    ShuffledRDD<Integer, Shuffled, Shuffled> shuffled =
        new ShuffledRDD<Integer, Shuffled, Shuffled>(
                sent.rdd(), new ByNumber(buckets + 1), number, item, item)
            .setSerializer(new ShuffleFormat());
    this.scattered = shuffled.toJavaRDD().map(Tuple2::_2);
  }

  /** Buckets for so many bytes of pictures; not of the cluster's size, which must not show. */
  static int buckets(long bytes) {
    long bucket =
        Math.max(LEAST_BUCKET_BYTES, Math.min(BUCKET_BYTES, bytes / BUCKETS_OF_A_SMALL_SET));
    return (int) Math.max(1, Math.min(MOST_BUCKETS, bytes / bucket));
  }

  /** Makes something of a bucket's faces, in order. */
  interface Use<T> extends Serializable {
    T of(int bucket, Iterator<Entry.Good> faces) throws Exception;
  }

  /** Reads the whole input, unless that is done; what it holds. */
  Survey survey() {
    Survey all = new Survey();
    for (Shuffled part : scattered.collectPartitions(new int[] {buckets})[0]) {
      all.plus((Survey) part);
    }
    return all.checked();
  }

  /** What becomes of all buckets, in their order. */
  <T> List<T> use(JavaSparkContext spark, Use<T> use) {
    FaceOrder rows = order;
    int count = buckets;
    return scattered
        .mapPartitionsWithIndex(
            (bucket, items) ->
                bucket == count
                    ? List.<T>of().iterator()
                    : List.of(use.of(bucket, sorted(items, rows))).iterator(),
            true)
        .collect();
  }

  /**
   * Deletes what was scattered, as large as the input, which Spark would keep until it notices that
   * no one needs it; nothing can be read afterwards.
   */
  @Override
  public void close() {
    scattered.rdd().cleanShuffleDependencies(true);
  }

  private static Iterator<Entry.Good> sorted(Iterator<Shuffled> items, FaceOrder order) {
    List<FaceOrder.Placed> rows = new ArrayList<>();
    while (items.hasNext()) {
      rows.add(order.placed((Entry.Good) items.next()));
    }
    rows.sort(order.inOrder());
    Iterator<FaceOrder.Placed> sorted = rows.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return sorted.hasNext();
      }

      @Override
      public Entry.Good next() {
        return sorted.next().face();
      }
    };
  }

  /** Faces, each with its bucket, and behind them what they were in all. */
  private static final class Sender implements Iterator<Tuple2<Integer, Shuffled>> {
    private final Iterator<Entry> entries;
    private final FaceOrder order;
    private final int buckets;
    private final Survey survey = new Survey();
    private Entry.Good next;
    private boolean surveySent;

    Sender(Iterator<Entry> entries, FaceOrder order, int buckets) {
      this.entries = entries;
      this.order = order;
      this.buckets = buckets;
    }

    @Override
    public boolean hasNext() {
      while (next == null && entries.hasNext()) {
        Entry entry = entries.next();
        survey.add(entry);
        if (entry instanceof Entry.Good good) {
          next = good;
        }
      }
      return next != null || !surveySent;
    }

    @Override
    public Tuple2<Integer, Shuffled> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == null) {
        surveySent = true;
        return new Tuple2<>(buckets, survey);
      }
      Entry.Good face = next;
      next = null;
      return new Tuple2<>(order.bucket(face, buckets), face);
    }
  }

  /** A key is the number of its partition. */
  private static final class ByNumber extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int partitions;

    ByNumber(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByNumber same && same.partitions == partitions;
    }

    @Override
    public int hashCode() {
      return partitions;
    }
  }
}
