package io.sparkface.bench;

import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.recordio.RecordWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * JPEGs of 112x112 with the sizes that face crops have, 4 to 11 KB: soft shapes with grain. A pool
 * of them is used over and over, as nothing on the way looks for repetition.
 */
final class BenchPictures {
  private static final int POOL = 512;
  private static final int SIDE = 112;
  private static final double QUALITY = 0.95;
  private static final int IMAGES_EACH = 50;

  private final List<byte[]> pool = new ArrayList<>();

  BenchPictures() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < POOL; i++) {
      pool.add(ImageEncoder.jpeg(picture(random), QUALITY));
    }
  }

  private static RgbImage picture(SplittableRandom random) {
    byte[] coarse = new byte[3 * 14 * 14];
    for (int i = 0; i < coarse.length; i++) {
      coarse[i] = (byte) (60 + random.nextInt(140));
    }
    RgbImage picture = new RgbImage(14, 14, coarse).resized(SIDE, SIDE);
    int grain = 4 + random.nextInt(12);
    byte[] rgb = picture.rgb();
    for (int i = 0; i < rgb.length; i += 3) {
      int more = random.nextInt(2 * grain + 1) - grain;
      for (int c = 0; c < 3; c++) {
        rgb[i + c] = (byte) Math.max(0, Math.min(255, (rgb[i + c] & 255) + more));
      }
    }
    return picture;
  }

  List<byte[]> pool() {
    return pool;
  }

  /** Writes {@code train.rec}, {@code train.idx} and {@code property}; returns how many images. */
  long write(Path directory, long bytes) throws IOException {
    Files.createDirectories(directory);
    Path records = directory.resolve("train.rec");
    long images = 0;
    long written = 0;
    try (RecordWriter out =
        new RecordWriter(
            new BufferedOutputStream(Files.newOutputStream(records), 1 << 20),
            new BufferedOutputStream(Files.newOutputStream(directory.resolve("train.idx"))))) {
      while (written < bytes) {
        byte[] picture = pool.get((int) (images % POOL));
        // a person's pictures follow each other, as in the field's sets
        out.write(images + 1, new float[] {images / IMAGES_EACH}, picture);
        written += picture.length + 32;
        images++;
      }
    }
    Files.writeString(
        directory.resolve("property"), (images / IMAGES_EACH + 1) + "," + SIDE + "," + SIDE + "\n");
    return images;
  }
}
