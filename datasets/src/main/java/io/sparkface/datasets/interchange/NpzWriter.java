package io.sparkface.datasets.interchange;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes numpy's {@code .npz}: a zip of {@code .npy} members, each a magic, a version, a header
 * with type and shape padded to a multiple of 64 bytes, and the values in C order. Members are
 * streamed, so that an array may be larger than memory.
 */
public final class NpzWriter implements Closeable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int ALIGNMENT = 64;

  private final ZipOutputStream zip;

  /** Writes the values of an array. */
  public interface Values {
    void writeTo(OutputStream out) throws IOException;
  }

  public NpzWriter(OutputStream out) {
    this.zip = new ZipOutputStream(out);
    zip.setLevel(1);
  }

  /**
   * Adds an array.
   *
   * @param type numpy's name of the type, such as {@code <f4}, {@code <i8}, {@code <U12}
   * @param values exactly as many as {@code shape} says
   */
  public void add(String name, String type, long[] shape, Values values) throws IOException {
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    zip.write(header(type, shape));
    values.writeTo(zip);
    zip.closeEntry();
  }

  private static byte[] header(String type, long[] shape) {
    String sizes =
        Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "))
            + (shape.length == 1 ? "," : "");
    String text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
    int used = MAGIC.length + 2 + text.length() + 1;
    text += " ".repeat((ALIGNMENT - used % ALIGNMENT) % ALIGNMENT) + "\n";
    byte[] header = Arrays.copyOf(MAGIC, MAGIC.length + 2 + text.length());
    header[MAGIC.length] = (byte) text.length();
    header[MAGIC.length + 1] = (byte) (text.length() >>> 8);
    byte[] letters = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(letters, 0, header, MAGIC.length + 2, letters.length);
    return header;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
