package io.sparkface.pipeline.export;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.pipeline.evaluate.PairSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Some pictures to calibrate, check and time a network with. */
final class FaceSample {
  private static final String MANIFEST = "classes.parquet";

  private FaceSample() {}

  /**
   * The first faces of a face set (its rows are shuffled), or faces spread evenly over a pair set.
   *
   * @param most how many at most
   */
  static List<RgbImage> read(String location, int most, Configuration hadoop) throws IOException {
    Path path = new Path(location);
    FileSystem fs = path.getFileSystem(hadoop);
    return fs.exists(new Path(path, MANIFEST))
        ? fromFaceSet(path, most, hadoop)
        : fromPairs(PairSet.open(location, hadoop), most);
  }

  private static List<RgbImage> fromFaceSet(Path path, int most, Configuration hadoop)
      throws IOException {
    List<RgbImage> faces = new ArrayList<>();
    for (String name : FaceSet.open(path, hadoop).files()) {
      try (FaceFile file = FaceFile.open(new Path(name), hadoop)) {
        for (int group = 0; group < file.rowGroupCount(); group++) {
          for (FaceRecord row : file.read(group)) {
            if (faces.size() == most) {
              return faces;
            }
            faces.add(ImageDecoder.decode(row.image(), row.source()));
          }
        }
      }
    }
    return faces;
  }

  private static List<RgbImage> fromPairs(PairSet set, int most) {
    List<FacePair> pairs = set.pairs();
    int wanted = Math.min((most + 1) / 2, pairs.size());
    List<RgbImage> faces = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      FacePair pair = pairs.get((int) ((long) i * pairs.size() / wanted));
      String where = set.name() + " pair " + pair.index();
      faces.add(ImageDecoder.decode(pair.first(), where));
      faces.add(ImageDecoder.decode(pair.second(), where));
    }
    return faces.subList(0, Math.min(most, faces.size()));
  }

  /** Drawn pictures, for where no faces are given: blocks of chance colours, always the same. */
  static List<RgbImage> drawn(int count, int height, int width) {
    Random random = new Random(1);
    List<RgbImage> pictures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] coarse = new byte[3 * 14 * 14];
      random.nextBytes(coarse);
      pictures.add(new RgbImage(14, 14, coarse).resized(width, height));
    }
    return pictures;
  }
}
