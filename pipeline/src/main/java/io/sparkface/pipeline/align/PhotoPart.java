package io.sparkface.pipeline.align;

import io.sparkface.datasets.faces.PhotoFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Photos that one task aligns: what is done anew when it fails. */
sealed interface PhotoPart extends Serializable {
  /** Number of the first photo within the input. */
  long first();

  long count();

  /** Reads photo after photo. */
  void each(Configuration hadoop, Reader reader) throws IOException;

  /** Takes photos. */
  interface Reader {
    void take(Photo photo) throws IOException;
  }

  /** A photo's bytes, read when they are asked for. */
  interface Encoded {
    /**
     * @throws io.sparkface.base.UserError when they are no photo's
     */
    byte[] bytes() throws IOException;
  }

  /**
   * An encoded photo.
   *
   * @param identity the person's name; empty where the input names no people
   * @param name file name
   * @param where full path, for messages
   */
  record Photo(long number, Optional<String> identity, String name, Encoded encoded, String where) {
    /** Path within person folders. */
    String path() {
      return identity.map(person -> person + "/" + name).orElse(name);
    }
  }

  /** A photo's file; {@code identity} may be null. */
  record PictureFile(String identity, String path) implements Serializable {}

  /** Some files of a folder. */
  record Files(long first, List<PictureFile> files) implements PhotoPart {
    @Override
    public long count() {
      return files.size();
    }

    @Override
    public void each(Configuration hadoop, Reader reader) throws IOException {
      for (int i = 0; i < files.size(); i++) {
        Path path = new Path(files.get(i).path());
        reader.take(
            new Photo(
                first + i,
                Optional.ofNullable(files.get(i).identity()),
                path.getName(),
                () -> io.sparkface.pipeline.detect.Photo.read(path, hadoop),
                path.toString()));
      }
    }
  }

  /** A row group of a Parquet file. */
  record RowGroup(long first, long count, String file, int group) implements PhotoPart {
    @Override
    public void each(Configuration hadoop, Reader reader) throws IOException {
      try (PhotoFile rows = PhotoFile.open(new Path(file), hadoop)) {
        long number = first;
        for (PhotoFile.Photo row : rows.read(group)) {
          String name = row.source().map(s -> s.substring(s.lastIndexOf('/') + 1)).orElse("");
          reader.take(
              new Photo(
                  number,
                  row.identity(),
                  name.isEmpty() ? String.format("%09d", number) : name,
                  row::image,
                  file + " row " + (number - first) + " of row group " + group));
          number++;
        }
      }
    }
  }
}
