package io.sparkface.pipeline.prepare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a part of the input, or all of it, holds: images of each identity, and every bad place.
 * Takes memory by the number of identities, never by that of images.
 */
public final class Survey implements Shuffled {
  private static final long serialVersionUID = 1L;
  private static final int LISTED_BAD_PLACES = 100_000;

  private final HashMap<String, Images> images = new HashMap<>();
  private final ArrayList<Entry.Bad> bad = new ArrayList<>();
  private final ArrayList<Entry.IdentityRange> ranges = new ArrayList<>();
  private long badPlaces;
  private long bytes;

  /** Images of one identity, and the span of their keys. */
  private static final class Images implements java.io.Serializable {
    private static final long serialVersionUID = 1L;

    private long count;
    private long firstKey = Long.MAX_VALUE;
    private long lastKey = Long.MIN_VALUE;

    void add(long more, long first, long last) {
      count += more;
      firstKey = Math.min(firstKey, first);
      lastKey = Math.max(lastKey, last);
    }
  }

  /** A bad record, as it is listed in {@code quarantine.jsonl}. */
  public record BadPlace(String where, String reason) {}

  void add(Entry entry) {
    if (entry instanceof Entry.Good good) {
      images.computeIfAbsent(good.identity(), any -> new Images()).add(1, good.key(), good.key());
      bytes += good.image().length;
    } else if (entry instanceof Entry.Bad one) {
      addBad(one);
    } else if (entry instanceof Entry.IdentityRange range) {
      ranges.add(range);
    }
  }

  private void addBad(Entry.Bad one) {
    badPlaces++;
    if (bad.size() < LISTED_BAD_PLACES) {
      bad.add(one);
    }
  }

  /** Takes over what another part holds; returns this. */
  Survey plus(Survey other) {
    other.images.forEach(
        (identity, more) ->
            images
                .computeIfAbsent(identity, any -> new Images())
                .add(more.count, more.firstKey, more.lastKey));
    other.bad.forEach(this::addBad);
    badPlaces += other.badPlaces - other.bad.size();
    ranges.addAll(other.ranges);
    bytes += other.bytes;
    return this;
  }

  /** Adds to the bad places what identity records say that is not so. */
  Survey checked() {
    for (Entry.IdentityRange range : ranges) {
      Images found = images.get(range.identity());
      if (found != null && (found.firstKey < range.first() || found.lastKey >= range.end())) {
        addBad(
            range.bad(
                "the identity record says that images of class "
                    + range.identity()
                    + " have the keys "
                    + range.first()
                    + " to "
                    + (range.end() - 1)
                    + ", they have "
                    + found.firstKey
                    + " to "
                    + found.lastKey));
      }
    }
    ranges.clear();
    bad.sort(Comparator.comparing(Entry.Bad::file).thenComparingLong(Entry.Bad::offset));
    return this;
  }

  /** Number of images by identity. */
  public Map<String, Long> imagesByIdentity() {
    Map<String, Long> counts = new HashMap<>();
    images.forEach((identity, found) -> counts.put(identity, found.count));
    return counts;
  }

  /** Images in all. */
  public long images() {
    return images.values().stream().mapToLong(found -> found.count).sum();
  }

  /** Size of all encoded images. */
  public long bytes() {
    return bytes;
  }

  /** Bad records and files in all. */
  public long badPlaces() {
    return badPlaces;
  }

  /** The first {@value #LISTED_BAD_PLACES} of them at most. */
  public List<BadPlace> bad() {
    return bad.stream().map(one -> new BadPlace(one.where(), one.reason())).toList();
  }
}
