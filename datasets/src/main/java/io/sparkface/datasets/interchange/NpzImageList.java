package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/** A list in a {@code .npz}, whose arrays are read side by side, each through its own stream. */
final class NpzImageList implements ImageList {
  private static final int MOST_MEMBERS = 1000;

  private final NpyReader names;
  private final NpyReader classes;
  private final Optional<NpyReader> embeddings;
  private final String file;
  private final long size;
  private final int width;
  private long read;

  private NpzImageList(
      NpyReader names, NpyReader classes, Optional<NpyReader> embeddings, String file) {
    this.names = names;
    this.classes = classes;
    this.embeddings = embeddings;
    this.file = file;
    List<Long> all = names.shape();
    if (all.size() != 1 || !classes.shape().equals(all)) {
      throw wrong("image_names " + all + " and image_classes " + classes.shape() + " do not fit");
    }
    this.size = all.get(0);
    List<Long> shape = embeddings.map(NpyReader::shape).orElse(List.of(size, 0L));
    if (shape.size() != 2 || shape.get(0) != size || shape.get(1) > WIDEST) {
      throw wrong("embeddings " + shape + " do not fit image_names " + all);
    }
    this.width = Math.toIntExact(shape.get(1));
  }

  static NpzImageList of(Opening opening, String file) throws IOException {
    List<NpyReader> opened = new ArrayList<>();
    try {
      for (String name : List.of("image_names", "image_classes", "embeddings")) {
        member(opening, name, file).ifPresent(opened::add);
      }
      if (opened.size() < 2) {
        throw new UserError(
            "there are no arrays image_names and image_classes",
            file,
            "name a list of images as the original writes it");
      }
      return new NpzImageList(
          opened.get(0),
          opened.get(1),
          opened.size() > 2 ? Optional.of(opened.get(2)) : Optional.empty(),
          file);
    } catch (IOException | RuntimeException e) {
      for (NpyReader reader : opened) {
        reader.close();
      }
      throw e;
    }
  }

  /** A stream of its own, at the values of an array. */
  private static Optional<NpyReader> member(Opening opening, String name, String file)
      throws IOException {
    ZipInputStream zip = new ZipInputStream(opening.open());
    try {
      ZipEntry entry = zip.getNextEntry();
      for (int i = 0; entry != null && i < MOST_MEMBERS; i++) {
        if (NpzContents.arrayName(entry.getName()).equals(name)) {
          return Optional.of(new NpyReader(zip, file + " array " + name));
        }
        entry = zip.getNextEntry();
      }
      zip.close();
      return Optional.empty();
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      zip.close();
      throw new UserError(
          "the zip is damaged: " + e.getMessage(), file, "copy the file again", e);
    } catch (UserError e) {
      zip.close();
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
    return embeddings.isPresent() && embeddings.get().half();
  }

  @Override
  public Optional<ListedImage> next() throws IOException {
    if (read == size) {
      return Optional.empty();
    }
    String path = names.text();
    long label = classes.integer();
    if (label < 0 || label > Integer.MAX_VALUE) {
      throw wrong("image " + read + " is of class " + label);
    }
    Optional<float[]> embedding =
        width == 0 ? Optional.empty() : Optional.of(embeddings.orElseThrow().reals(width));
    read++;
    return Optional.of(new ListedImage(path, (int) label, embedding));
  }

  private UserError wrong(String problem) {
    return new UserError(problem, file, "write the list again");
  }

  @Override
  public void close() throws IOException {
    names.close();
    classes.close();
    if (embeddings.isPresent()) {
      embeddings.get().close();
    }
  }
}
