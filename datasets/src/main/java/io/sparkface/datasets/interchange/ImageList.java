package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Images as the original lists them, with classes and, for distillation, a teacher's embeddings:
 * {@code .npz} with the arrays {@code image_names}, {@code image_classes} and {@code embeddings}
 * (spec 2.2, 9.1), or {@code .tfrecord} with features of these names (spec 9.2). Read one after the
 * other, however many there are.
 */
public sealed interface ImageList extends Closeable permits NpzImageList, TfRecordImageList {
  /** Most values of an embedding. */
  int WIDEST = 1 << 16;

  /** Opens the file; more than once, where its parts are read side by side. */
  interface Opening {
    InputStream open() throws IOException;
  }

  /** Whether a file's name ends as that of such a list. */
  static boolean named(String file) {
    return file.endsWith(".npz") || file.endsWith(".tfrecord");
  }

  /**
   * @param file the name that tells the format, and is named in errors
   * @throws UserError when it is no such list
   */
  static ImageList open(Opening opening, String file) throws IOException {
    return file.endsWith(".npz")
        ? NpzImageList.of(opening, file)
        : TfRecordImageList.of(opening.open(), file);
  }

  /** Images it says to hold. */
  long size();

  /** Values of each embedding; 0 where there are none. */
  int width();

  /** Whether embeddings are stored in half precision. */
  boolean half();

  /**
   * The next image; empty behind the last.
   *
   * @throws UserError when the file is damaged, or holds fewer than it says
   */
  Optional<ListedImage> next() throws IOException;
}
