package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A list in TFRecord. The first record says beside its own image {@code classes}, {@code
 * emb_shape}, {@code total} and {@code use_fp16} of all.
 */
final class TfRecordImageList implements ImageList {
  private static final String FEATURES = "name a file with image_names, image_classes, embeddings";

  private final TfRecordReader records;
  private final String file;
  private final long size;
  private final int width;
  private final boolean half;
  private Optional<TfFeatures> ahead;
  private long read;

  private TfRecordImageList(TfRecordReader records, TfFeatures first, String file) {
    this.records = records;
    this.file = file;
    this.ahead = Optional.of(first);
    this.size = first.integer("total");
    this.half = first.integer("use_fp16") != 0;
    long values = first.integer("emb_shape");
    if (values < 1 || values > WIDEST) {
      throw wrong("embeddings of " + values + " values");
    }
    this.width = (int) values;
  }

  static TfRecordImageList of(InputStream in, String file) throws IOException {
    TfRecordReader records = new TfRecordReader(in, file);
    try {
      byte[] first =
          records
              .next()
              .orElseThrow(() -> new UserError("it holds no record", file, "check the file"));
      return new TfRecordImageList(
          records, TfFeatures.of(first, file + " record 0", FEATURES), file);
    } catch (IOException | RuntimeException e) {
      records.close();
      throw e;
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public boolean half() {
    return half;
  }

  @Override
  public Optional<ListedImage> next() throws IOException {
    if (ahead.isEmpty()) {
      if (read != size) {
        throw wrong("it holds " + read + " of " + size + " images");
      }
      return Optional.empty();
    }
    TfFeatures record = ahead.get();
    long label = record.integer("image_classes");
    if (label < 0 || label > Integer.MAX_VALUE) {
      throw wrong("image " + read + " is of class " + label);
    }
    ListedImage image =
        new ListedImage(
            StandardCharsets.UTF_8.decode(record.bytes("image_names")).toString(),
            (int) label,
            Optional.of(embedding(record.bytes("embeddings"))));
    read++;
    Optional<byte[]> next = records.next();
    ahead = next.map(bytes -> TfFeatures.of(bytes, file + " record " + read, FEATURES));
    return Optional.of(image);
  }

  private float[] embedding(ByteBuffer stored) {
    if (stored.remaining() != (half ? 2 : 4) * width) {
      throw wrong("the embedding of image " + read + " has " + stored.remaining() + " bytes");
    }
    ByteBuffer bytes = stored.order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[width];
    for (int i = 0; i < width; i++) {
      values[i] = half ? Half.toFloat(bytes.getShort()) : bytes.getFloat();
    }
    return values;
  }

  private UserError wrong(String problem) {
    return new UserError(problem, file, "write the list again");
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
