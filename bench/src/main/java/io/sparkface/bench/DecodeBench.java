package io.sparkface.bench;

import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Pictures decoded per second on one core, to RGB bytes in Java: ours, which is the JDK's reader,
 * and OpenCV's; and the most by which a value differs.
 */
@Command(name = "bench/run decode", mixinStandardHelpOptions = true, sortOptions = false)
final class DecodeBench implements Callable<Integer> {
  private static final int ROUND = 2000;

  @Option(names = "--pictures", description = "JPEGs to decode; default: drawn ones")
  private Path pictures;

  @Option(names = "--threads", defaultValue = "2", hidden = true)
  private int threads;

  @Option(names = "--repeats", defaultValue = "5", description = "timings, of which the median")
  private int repeats;

  public static void main(String[] args) {
    System.exit(new CommandLine(new DecodeBench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<byte[]> pool = pictures == null ? new BenchPictures().pool() : read(pictures);
    int most = 0;
    for (byte[] jpeg : pool) {
      most = Math.max(most, difference(ImageDecoder.decode(jpeg, "picture").rgb(), openCv(jpeg)));
    }
    InTurn.timed(
            repeats,
            repeat -> ROUND / Bench.seconds(() -> each(pool, ROUND, DecodeBench::own)),
            repeat -> ROUND / Bench.seconds(() -> each(pool, ROUND, DecodeBench::openCv)))
        .print(
            String.format(
                Locale.ROOT,
                "%d pictures, largest difference from OpenCV's %d, images/s on one core",
                pool.size(),
                most),
            "peer");
    return 0;
  }

  private interface Decoder {
    byte[] rgb(byte[] jpeg);
  }

  private static void each(List<byte[]> pool, int count, Decoder decoder) {
    for (int i = 0; i < count; i++) {
      decoder.rgb(pool.get(i % pool.size()));
    }
  }

  private static byte[] own(byte[] jpeg) {
    RgbImage picture = ImageDecoder.decode(jpeg, "picture");
    return picture.rgb();
  }

  private static byte[] openCv(byte[] jpeg) {
    try (BytePointer bytes = new BytePointer(jpeg);
        Mat encoded = new Mat(bytes, false);
        Mat bgr = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR)) {
      opencv_imgproc.cvtColor(bgr, bgr, opencv_imgproc.COLOR_BGR2RGB);
      byte[] rgb = new byte[3 * bgr.rows() * bgr.cols()];
      bgr.data().get(rgb);
      return rgb;
    }
  }

  private static int difference(byte[] a, byte[] b) {
    int most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs((a[i] & 255) - (b[i] & 255)));
    }
    return most;
  }

  private static List<byte[]> read(Path folder) throws IOException {
    List<byte[]> found = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file :
          all.filter(path -> path.toString().endsWith(".jpg")).sorted().limit(512).toList()) {
        found.add(Files.readAllBytes(file));
      }
    }
    return found;
  }
}
