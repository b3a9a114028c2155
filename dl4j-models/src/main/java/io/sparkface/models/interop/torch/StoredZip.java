package io.sparkface.models.interop.torch;

import io.sparkface.base.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A zip archive whose entries are stored as they are, as PyTorch writes them; entries that are
 * compressed are refused, so that nothing can grow. Read by its central directory, zip64 included.
 */
final class StoredZip {
  private static final int END = 0x06054B50;
  private static final int ZIP64_LOCATOR = 0x07064B50;
  private static final int ZIP64_END = 0x06064B50;
  private static final int DIRECTORY = 0x02014B50;
  private static final int LOCAL = 0x04034B50;
  private static final int END_SIZE = 22;
  private static final long SEE_ZIP64 = 0xFFFFFFFFL;

  private final ByteBuffer bytes;
  private final String where;

  private StoredZip(byte[] content, String where) {
    this.bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    this.where = where;
  }

  /**
   * Entries by name, as views of {@code content}.
   *
   * @throws UserError when the archive is damaged or has a compressed entry
   */
  static Map<String, ByteBuffer> read(byte[] content, String where) {
    StoredZip zip = new StoredZip(content, where);
    try {
      return zip.entries();
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw zip.damaged("the zip archive is cut or damaged");
    }
  }

  private Map<String, ByteBuffer> entries() {
    int end = end();
    long count = bytes.getShort(end + 10) & 0xFFFF;
    long at = bytes.getInt(end + 16) & SEE_ZIP64;
    int locator = end - 20;
    if (locator >= 0 && bytes.getInt(locator) == ZIP64_LOCATOR) {
      int zip64 = Math.toIntExact(bytes.getLong(locator + 8));
      if (bytes.getInt(zip64) != ZIP64_END) {
        throw damaged("the zip64 end is not where it should be");
      }
      count = bytes.getLong(zip64 + 32);
      at = bytes.getLong(zip64 + 48);
    }
    if (count < 0 || count > bytes.capacity() / 46) {
      throw damaged("the zip archive claims " + count + " entries");
    }
    Map<String, ByteBuffer> found = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      at = entry(Math.toIntExact(at), found);
    }
    return found;
  }

  private int end() {
    for (int at = bytes.capacity() - END_SIZE;
        at >= 0 && at > bytes.capacity() - END_SIZE - 0xFFFF;
        at--) {
      if (bytes.getInt(at) == END) {
        return at;
      }
    }
    throw damaged("the file is no zip archive, which PyTorch has written since version 1.6");
  }

  private int entry(int at, Map<String, ByteBuffer> found) {
    if (bytes.getInt(at) != DIRECTORY) {
      throw damaged("the zip archive's directory is damaged");
    }
    int method = bytes.getShort(at + 10) & 0xFFFF;
    long packed = bytes.getInt(at + 20) & SEE_ZIP64;
    long size = bytes.getInt(at + 24) & SEE_ZIP64;
    int nameLength = bytes.getShort(at + 28) & 0xFFFF;
    int extraLength = bytes.getShort(at + 30) & 0xFFFF;
    int next = at + 46 + nameLength + extraLength + (bytes.getShort(at + 32) & 0xFFFF);
    long local = bytes.getInt(at + 42) & SEE_ZIP64;
    String name = new String(slice(at + 46, nameLength), StandardCharsets.UTF_8);
    int extra = at + 46 + nameLength;
    int extraEnd = extra + extraLength;
    while (extra + 4 <= extraEnd) {
      int id = bytes.getShort(extra) & 0xFFFF;
      int value = extra + 4;
      if (id == 1) {
        if (size == SEE_ZIP64) {
          size = bytes.getLong(value);
          value += 8;
        }
        if (packed == SEE_ZIP64) {
          packed = bytes.getLong(value);
          value += 8;
        }
        if (local == SEE_ZIP64) {
          local = bytes.getLong(value);
        }
      }
      extra += 4 + (bytes.getShort(extra + 2) & 0xFFFF);
    }
    if (method != 0 || packed != size) {
      throw damaged("the zip entry '" + name + "' is compressed, which PyTorch never does");
    }
    int header = Math.toIntExact(local);
    if (bytes.getInt(header) != LOCAL) {
      throw damaged("the zip entry '" + name + "' is not where the directory says");
    }
    int data =
        header
            + 30
            + (bytes.getShort(header + 26) & 0xFFFF)
            + (bytes.getShort(header + 28) & 0xFFFF);
    found.put(name, bytes.slice(data, Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN));
    return next;
  }

  private byte[] slice(int at, int length) {
    byte[] part = new byte[length];
    bytes.get(at, part);
    return part;
  }

  private UserError damaged(String problem) {
    return new UserError(problem, where, "save the state dict with torch.save or as safetensors");
  }
}
