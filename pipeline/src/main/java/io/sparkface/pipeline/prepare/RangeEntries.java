package io.sparkface.pipeline.prepare;

import io.sparkface.datasets.recordio.BadRecord;
import io.sparkface.datasets.recordio.ImageRecord;
import io.sparkface.datasets.recordio.RecordFile;
import io.sparkface.datasets.recordio.RecordIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;

/**
 * What lies in a byte range of a {@code .rec}. Every record that the index names there is accounted
 * for: one that the file does not have is a bad place.
 */
final class RangeEntries implements Iterator<Entry> {
  private final String path;
  private final RecordFile file;
  private final Optional<RecordIndex> index;
  private final RecordSource.Labels labels;
  private final Queue<Entry> ready = new ArrayDeque<>();

  /** Records of the index that were met or missed. */
  private int met;

  private boolean over;

  RangeEntries(
      String path, RecordFile file, Optional<RecordIndex> index, RecordSource.Labels labels) {
    this.path = path;
    this.file = file;
    this.index = index;
    this.labels = labels;
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty() && !over) {
        advance();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !ready.isEmpty();
  }

  @Override
  public Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private void advance() throws IOException {
    try {
      ImageRecord record = file.next();
      if (record == null) {
        over = true;
        file.close();
        missed(Long.MAX_VALUE);
        return;
      }
      OptionalLong key = key(record.offset());
      if (!record.isMetadata()) {
        image(record, key);
      } else if (record.labels().length == 2 && key.isPresent()) {
        identityRange(record, key.getAsLong());
      }
    } catch (BadRecord e) {
      key(e.offset());
      bad(e.offset(), e.getMessage());
    }
  }

  /** The key by the index of the record at {@code offset}; what it names before is missing. */
  private OptionalLong key(long offset) {
    missed(offset);
    boolean named =
        index.isPresent() && met < index.get().size() && index.get().offsets()[met] == offset;
    return named ? OptionalLong.of(index.get().keys()[met++]) : OptionalLong.empty();
  }

  /** Reports records that should have come before {@code offset}. */
  private void missed(long offset) {
    if (index.isEmpty()) {
      return;
    }
    long[] offsets = index.get().offsets();
    for (; met < offsets.length && offsets[met] < offset; met++) {
      bad(
          offsets[met],
          "the .idx names record "
              + index.get().keys()[met]
              + " at this byte, the file has none there");
    }
  }

  private void image(ImageRecord record, OptionalLong named) throws BadRecord {
    if (index.isPresent() && named.isEmpty()) {
      bad(record.offset(), "the .idx does not name this record");
      return;
    }
    long key = named.orElse(record.offset());
    int label = record.classLabel();
    if (label >= labels.classes()) {
      bad(
          record.offset(),
          "the label "
              + label
              + " is outside the "
              + labels.classes()
              + " classes of the "
              + labels.saidBy());
      return;
    }
    String identity = Integer.toString(label);
    ready.add(
        FaceSource.entry(
            identity, key, record.image(), identity + "/" + key + ".jpg", path, record.offset()));
  }

  private void identityRange(ImageRecord record, long key) {
    // beyond 2^24 float32 skips numbers, so that such a range proves nothing (trap 2)
    boolean exact = record.labels()[1] <= RecordSource.EXACT;
    if (exact && labels.firstIdentity() >= 0 && key >= labels.firstIdentity()) {
      ready.add(
          new Entry.IdentityRange(
              Long.toString(key - labels.firstIdentity()),
              (long) record.labels()[0],
              (long) record.labels()[1],
              path,
              record.offset()));
    }
  }

  private void bad(long offset, String reason) {
    ready.add(new Entry.Bad(path, offset, reason));
  }
}
