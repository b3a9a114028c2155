package io.sparkface.datasets.interchange;

import java.util.zip.CRC32C;

/** CRC-32C turned right by 15 bits, plus 0xA282EAD8, as TFRecord stores it. */
final class MaskedCrc {
  private static final int ADDED = 0xA282EAD8;

  private MaskedCrc() {}

  static int of(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + ADDED;
  }
}
