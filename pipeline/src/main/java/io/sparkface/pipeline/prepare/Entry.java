package io.sparkface.pipeline.prepare;

import java.io.Serializable;

/** What one place of the input holds. */
sealed interface Entry extends Serializable {
  /** An image with its person, not yet numbered. */
  record Good(
      String identity,
      long key,
      byte[] image,
      int width,
      int height,
      String source,
      String file,
      long offset)
      implements Entry, Shuffled {
    String where() {
      return place(file, offset);
    }

    @Override
    public Good withPrefix(String prefix) {
      return new Good(prefix + identity, key, image, width, height, prefix + source, file, offset);
    }

    Good withKey(long newKey, String newSource) {
      return new Good(identity, newKey, image, width, height, newSource, file, offset);
    }

    Bad bad(String reason) {
      return new Bad(file, offset, reason);
    }

    Good withPicture(byte[] encoded, int newWidth, int newHeight) {
      return new Good(identity, key, encoded, newWidth, newHeight, source, file, offset);
    }
  }

  /**
   * A record or file that is no image.
   *
   * @param offset byte of the file
   */
  record Bad(String file, long offset, String reason) implements Entry {
    String where() {
      return place(file, offset);
    }
  }

  /**
   * An identity record: where the images of a class are said to be (spec 1.4).
   *
   * @param identity the class
   * @param first key of its images
   * @param end key behind them
   */
  record IdentityRange(String identity, long first, long end, String file, long offset)
      implements Entry {
    @Override
    public IdentityRange withPrefix(String prefix) {
      return new IdentityRange(prefix + identity, first, end, file, offset);
    }

    /** For keys that are greater by {@code more}. */
    IdentityRange moved(long more) {
      return new IdentityRange(identity, first + more, end + more, file, offset);
    }

    Bad bad(String reason) {
      return new Bad(file, offset, reason);
    }
  }

  /** This with the person under another name, in a folder of that name. */
  default Entry withPrefix(String prefix) {
    return this;
  }

  /** A place as errors name it; a file that is one picture needs no offset. */
  static String place(String file, long offset) {
    return offset == WHOLE ? file : file + " byte " + offset;
  }

  /** Stands for the offset where a file is one picture. */
  long WHOLE = -1;
}
