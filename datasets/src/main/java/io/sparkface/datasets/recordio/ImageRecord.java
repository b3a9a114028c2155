package io.sparkface.datasets.recordio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One MXNet image record (spec 1.2): u32 flag, f32 label, u64 id, u64 id2, then {@code flag}
 * float32 labels when flag is above 0, then the encoded image.
 *
 * @param offset byte of the file at which the record starts
 * @param flag 0, or how many labels follow the header
 * @param labels one, or {@code flag} of them
 * @param id normally the record's key
 * @param id2 0, or 1 on a header record of insightface's builder
 * @param image encoded image, empty in header0 and identity records
 */
public record ImageRecord(long offset, long flag, float[] labels, long id, long id2, byte[] image) {
  private static final int HEADER = 24;
  private static final int MOST_LABELS = 1 << 16;
  private static final float EXACT = 1 << 24;

  /**
   * @param payload the whole record, from its position to its limit; the image is copied
   */
  static ImageRecord parse(long offset, ByteBuffer payload) throws BadRecord {
    if (payload.remaining() < HEADER) {
      throw new BadRecord(
          offset,
          "the record has " + payload.remaining() + " bytes, an image record at least " + HEADER);
    }
    ByteBuffer in = payload.slice().order(ByteOrder.LITTLE_ENDIAN);
    long flag = Integer.toUnsignedLong(in.getInt());
    float label = in.getFloat();
    long id = in.getLong();
    long id2 = in.getLong();
    if (flag > MOST_LABELS || flag * 4 > in.remaining()) {
      throw new BadRecord(
          offset, "the record announces " + flag + " labels and does not hold them");
    }
    float[] labels = {label};
    if (flag > 0) {
      labels = new float[(int) flag];
      in.asFloatBuffer().get(labels);
      in.position(HEADER + Float.BYTES * labels.length);
    }
    byte[] image = new byte[in.remaining()];
    in.get(image);
    return new ImageRecord(offset, flag, labels, id, id2, image);
  }

  /** Whether this is header0 or an identity range: labels and no image (spec 1.4). */
  public boolean isMetadata() {
    return flag > 0 && image.length == 0;
  }

  /**
   * The class: the first label, never a sum (trap 5).
   *
   * @throws BadRecord when it is no whole number from 0 to 2^24, beyond which float32 skips some
   */
  public int classLabel() throws BadRecord {
    float label = labels[0];
    if (!(label >= 0 && label <= EXACT) || label != (int) label) {
      throw new BadRecord(offset, "the label " + label + " is not a class number");
    }
    return (int) label;
  }
}
