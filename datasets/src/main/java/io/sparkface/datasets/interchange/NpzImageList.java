package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/** A list in a {@code .npz}, whose arrays are read side by side, each through its own stream. */
final class NpzImageList implements ImageList {
  private static final int MOST_MEMBERS = 1000;

  private final List<Closeable> opened;
  private final NpyArray names;
  private final NpyArray classes;
  private final Optional<NpyArray> embeddings;
  private final String file;
  private final long size;
  private final int width;
  private long read;

  private NpzImageList(
      List<Closeable> opened,
      NpyArray names,
      NpyArray classes,
      Optional<NpyArray> embeddings,
      String file) {
    this.opened = opened;
    this.names = names;
    this.classes = classes;
    this.embeddings = embeddings;
    this.file = file;
    if (!names.isText() || !classes.isWhole()) {
      throw wrong("image_names are no text, or image_classes no whole numbers");
    }
    List<Long> all = names.shape();
    if (all.size() != 1 || !classes.shape().equals(all)) {
      throw wrong("image_names " + all + " and image_classes " + classes.shape() + " do not fit");
    }
    this.size = all.get(0);
    List<Long> shape = embeddings.map(NpyArray::shape).orElse(List.of(size, 0L));
    if (shape.size() != 2 || shape.get(0) != size || shape.get(1) > WIDEST) {
      throw wrong("embeddings " + shape + " do not fit image_names " + all);
    }
    this.width = Math.toIntExact(shape.get(1));
  }

  static NpzImageList of(Opening opening, String file) throws IOException {
    List<Closeable> opened = new ArrayList<>();
    try {
      Optional<NpyArray> names = array(opening, "image_names", file, opened);
      Optional<NpyArray> classes = array(opening, "image_classes", file, opened);
      if (names.isEmpty() || classes.isEmpty()) {
        throw new UserError(
            "there are no arrays image_names and image_classes",
            file,
            "name a list of images as the original writes it");
      }
      return new NpzImageList(
          opened, names.get(), classes.get(), array(opening, "embeddings", file, opened), file);
    } catch (IOException | RuntimeException e) {
      for (Closeable stream : opened) {
        stream.close();
      }
      refuseDamage(e, file);
      throw e;
    }
  }

  /** An array by a stream of its own, which is put into {@code opened}. */
  private static Optional<NpyArray> array(
      Opening opening, String name, String file, List<Closeable> opened) throws IOException {
    InputStream stream = opening.open();
    opened.add(stream);
    Members zip = new Members(stream);
    opened.add(zip);
    ZipEntry entry = zip.getNextEntry();
    for (int i = 0; entry != null && i < MOST_MEMBERS; i++) {
      if (NpzContents.arrayName(entry.getName()).equals(name)) {
        return Optional.of(NpyArray.open(zip, file + " array " + name));
      }
      entry = zip.getNextEntry();
    }
    if (zip.isCut()) {
      throw new EOFException("it ends before its directory");
    }
    return Optional.empty();
  }

  /** A zip's members one after the other. */
  private static final class Members extends ZipInputStream {
    Members(InputStream in) {
      super(in);
    }

    /** Behind the last member: whether nothing follows, where a zip's directory should stand. */
    boolean isCut() throws IOException {
      return in.read() < 0;
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
    return embeddings.isPresent() && embeddings.get().isHalf();
  }

  @Override
  public Optional<ListedImage> next() throws IOException {
    if (read == size) {
      return Optional.empty();
    }
    try {
      String path = names.text();
      long label = classes.whole();
      if (label < 0 || label > Integer.MAX_VALUE) {
        throw wrong("image " + read + " is of class " + label);
      }
      Optional<float[]> embedding =
          width == 0 ? Optional.empty() : Optional.of(embeddings.orElseThrow().floats(width));
      read++;
      return Optional.of(new ListedImage(path, (int) label, embedding));
    } catch (IOException e) {
      refuseDamage(e, file);
      throw e;
    }
  }

  /** Where it is the zip that is at fault, tells the user so. */
  private static void refuseDamage(Exception error, String file) {
    if (error instanceof ZipException
        || error instanceof EOFException
        || error instanceof IllegalArgumentException) {
      throw new UserError(
          "the zip is damaged: " + error.getMessage(), file, "copy the file again", error);
    }
  }

  private UserError wrong(String problem) {
    return new UserError(problem, file, "write the list again");
  }

  @Override
  public void close() throws IOException {
    for (Closeable stream : opened) {
      stream.close();
    }
  }
}
