package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageHeader;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Where faces come from. */
sealed interface FaceSource permits RecordSource, FolderSource {
  /** Every image and every bad place, read on executors. */
  JavaRDD<Entry> entries(JavaSparkContext spark);

  /** A {@code .rec}, a folder that holds {@code train.rec}, or a folder of person folders. */
  static FaceSource of(String input, Configuration hadoop) throws IOException {
    Path path = new Path(input);
    FileSystem fs = path.getFileSystem(hadoop);
    if (!fs.exists(path)) {
      throw new UserError("there is no such input", input, "check --input");
    }
    if (fs.getFileStatus(path).isDirectory()) {
      Path record = new Path(path, "train.rec");
      return fs.exists(record)
          ? RecordSource.open(record, hadoop)
          : FolderSource.open(path, hadoop);
    }
    if (!path.getName().endsWith(".rec")) {
      throw new UserError(
          "not an input that prepare knows",
          input,
          "name a .rec, a .bin, a folder with train.rec, or a folder of person folders");
    }
    return RecordSource.open(path, hadoop);
  }

  /** The entry of an encoded picture, bad where its header is. */
  static Entry entry(String identity, long key, byte[] image, String source, String where) {
    try {
      ImageHeader header = ImageHeader.of(image, where);
      return new Entry.Good(identity, key, image, header.width(), header.height(), source, where);
    } catch (UserError e) {
      return new Entry.Bad(where, e.problem());
    }
  }
}
