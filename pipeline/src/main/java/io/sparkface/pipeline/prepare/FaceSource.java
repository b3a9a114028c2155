package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.images.ImageHeader;
import io.sparkface.datasets.interchange.ImageList;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Where faces come from. */
sealed interface FaceSource
    permits RecordSource, FolderSource, ListSource, TfRecordSource, FaceSetSource {
  /** Every image and every bad place, read on executors. */
  JavaRDD<Entry> entries(JavaSparkContext spark);

  /** Size of the input in bytes, near that of its images. */
  long bytes();

  /** The identities in the order of their labels, where the source has one already. */
  default Optional<List<String>> numbered() {
    return Optional.empty();
  }

  /**
   * A {@code .rec}, a folder that holds {@code train.rec}, a face set, a folder of person folders,
   * a list of pictures in such folders, {@code .npz} or {@code .tfrecord}, or a pattern of {@code
   * .tfrecord} files that hold the pictures themselves.
   */
  static FaceSource of(String input, Configuration hadoop) throws IOException {
    Path path = new Path(input);
    if (TfRecordSource.named(input)) {
      return TfRecordSource.open(path, hadoop);
    }
    FileSystem fs = path.getFileSystem(hadoop);
    if (!fs.exists(path)) {
      throw new UserError("there is no such input", input, "check --input");
    }
    if (fs.getFileStatus(path).isDirectory()) {
      Path record = new Path(path, "train.rec");
      if (fs.exists(record)) {
        return RecordSource.open(record, hadoop);
      }
      return fs.exists(new Path(path, FaceSetManifest.FILE))
          ? FaceSetSource.open(path, hadoop)
          : FolderSource.open(path, hadoop);
    }
    if (ImageList.named(path.getName())) {
      return ListSource.open(path, hadoop);
    }
    if (!path.getName().endsWith(".rec")) {
      throw new UserError(
          "not an input that prepare knows",
          input,
          "name a .rec, a .bin, a folder with train.rec, a face set, a folder of person folders, a"
              + " .npz or .tfrecord that lists pictures, or a pattern 'x*.tfrecord' of files that"
              + " hold them");
    }
    return RecordSource.open(path, hadoop);
  }

  /** The entry of an encoded picture, bad where its header is. */
  static Entry entry(
      String identity, long key, byte[] image, String source, String file, long offset) {
    try {
      ImageHeader header = ImageHeader.of(image, file);
      return new Entry.Good(
          identity, key, image, header.width(), header.height(), source, file, offset);
    } catch (UserError e) {
      return new Entry.Bad(file, offset, e.problem());
    }
  }
}
