package io.sparkface.pipeline.prepare;

import io.sparkface.pipeline.input.Seeds;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Map;

/**
 * The order rows are written in: each has a place among all 64-bit numbers, unsigned, that depends
 * on the row alone. Numbers are spread evenly, so that equal shares of them are equal shares of the
 * rows.
 */
interface FaceOrder extends Serializable {
  long place(Entry.Good face);

  /** Rows anywhere, by key and seed. */
  static FaceOrder shuffled(long seed) {
    return face -> Seeds.of(seed, face.key());
  }

  /** People anywhere, by name and seed; the rows of one together. */
  static FaceOrder byPerson(long seed) {
    return face -> {
      long place = seed;
      for (int i = 0; i < face.identity().length(); i++) {
        place = Seeds.of(place, face.identity().charAt(i));
      }
      return place;
    };
  }

  /**
   * By label.
   *
   * @param before images of all people before each one
   * @param images of all people
   */
  static FaceOrder byLabel(Map<String, Long> before, long images) {
    long step = Long.divideUnsigned(-1L, Math.max(1, images));
    return face -> before.get(face.identity()) * step;
  }

  /** Of {@code buckets} equal shares of all places, the one a face's place lies in. */
  default int bucket(Entry.Good face, int buckets) {
    long place = place(face);
    // the upper half of the unsigned product
    return (int) (Math.multiplyHigh(place, buckets) + (place >> 63 & buckets));
  }

  /** Rows by place, and those of one place by person and key. */
  default Comparator<Placed> inOrder() {
    return Comparator.<Placed>comparingLong(placed -> placed.place() + Long.MIN_VALUE)
        .thenComparing(placed -> placed.face().identity())
        .thenComparingLong(placed -> placed.face().key());
  }

  /** A face and its place. */
  record Placed(long place, Entry.Good face) {}

  default Placed placed(Entry.Good face) {
    return new Placed(place(face), face);
  }
}
