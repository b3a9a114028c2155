package io.sparkface.pipeline.recognize;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Orientation;
import io.sparkface.datasets.images.RgbImage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;

/**
 * The pictures of a video file or camera, upright, by FFmpeg through JavaCV. FFmpeg is optional:
 * where its jars are absent, opening says what to add.
 */
public final class VideoFrames implements AutoCloseable {
  /** A playlist could name other files and hosts; these hold their pictures themselves. */
  private static final String CONTAINERS =
      "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,ogg,flv,asf,gif";

  private final String source;
  private final FFmpegFrameGrabber grabber;
  private final Orientation orientation;
  private double seconds;

  private VideoFrames(String source, FFmpegFrameGrabber grabber, Orientation orientation) {
    this.source = source;
    this.grabber = grabber;
    this.orientation = orientation;
  }

  /**
   * @param source path of a file, or the number of a camera: 0 is {@code /dev/video0}
   * @throws UserError when FFmpeg's jars are absent, or it is no video
   */
  public static VideoFrames open(String source) {
    boolean camera = source.matches("\\d{1,3}");
    Path file = Path.of(camera ? "/dev/video" + source : source);
    requireFfmpeg();
    if (!Files.exists(file)) {
      throw new UserError(
          camera ? "there is no such camera" : "there is no such video file",
          file.toString(),
          camera ? "plug it in, or name a file" : "name a file of this machine, or a camera");
    }
    FFmpegFrameGrabber grabber = new FFmpegFrameGrabber(file.toFile());
    if (file.startsWith("/dev")) {
      grabber.setFormat("v4l2");
    } else {
      grabber.setOption("protocol_whitelist", "file");
      grabber.setOption("format_whitelist", CONTAINERS);
    }
    grabber.setPixelFormat(avutil.AV_PIX_FMT_RGB24);
    try {
      grabber.start();
      if (!grabber.hasVideo()) {
        throw new FFmpegFrameGrabber.Exception("it holds no pictures");
      }
      return new VideoFrames(source, grabber, orientation(grabber));
    } catch (FFmpegFrameGrabber.Exception e) {
      close(grabber);
      throw new UserError(
          "FFmpeg cannot read the video: " + e.getMessage(),
          file.toString(),
          "name a video in one of the containers " + CONTAINERS,
          e);
    }
  }

  /**
   * @throws UserError when FFmpeg's jars are not on the class path
   */
  static void requireFfmpeg() {
    try {
      FFmpegFrameGrabber.tryLoad();
      avutil.av_log_set_level(avutil.AV_LOG_ERROR);
    } catch (LinkageError | FFmpegFrameGrabber.Exception e) {
      throw new UserError(
          "FFmpeg is not there: video needs its jars, which the application jar leaves out",
          "--video",
          "add them to the class path: `--jars` with the files of spark-jobs/target/video, which"
              + " submit/spark-submit does by itself after a build (docs/photos.md)",
          e);
    }
  }

  /** How a phone was held, as the stream's display matrix says. */
  private static Orientation orientation(FFmpegFrameGrabber grabber) {
    var context = grabber.getFormatContext();
    for (int i = 0; i < context.nb_streams(); i++) {
      AVStream stream = context.streams(i);
      if (stream.codecpar().codec_type() == avutil.AVMEDIA_TYPE_VIDEO) {
        try (SizeTPointer size = new SizeTPointer(1)) {
          BytePointer matrix =
              avformat.av_stream_get_side_data(stream, avcodec.AV_PKT_DATA_DISPLAYMATRIX, size);
          if (matrix != null && !matrix.isNull() && size.get() >= 36) {
            // counterclockwise, in degrees
            double turned = avutil.av_display_rotation_get(new IntPointer(matrix));
            return switch ((int) Math.round(turned / 90)) {
              case -1 -> Orientation.TURNED_90;
              case 1 -> Orientation.TURNED_270;
              case 2, -2 -> Orientation.TURNED_180;
              default -> Orientation.UPRIGHT;
            };
          }
        }
      }
    }
    return Orientation.UPRIGHT;
  }

  /** The next picture; empty at the end. */
  public Optional<RgbImage> next() {
    try {
      Frame frame = grabber.grabImage();
      if (frame == null) {
        return Optional.empty();
      }
      seconds = frame.timestamp / 1e6;
      ByteBuffer rows = (ByteBuffer) frame.image[0];
      byte[] rgb = new byte[3 * frame.imageWidth * frame.imageHeight];
      for (int y = 0; y < frame.imageHeight; y++) {
        rows.position(y * frame.imageStride);
        rows.get(rgb, 3 * y * frame.imageWidth, 3 * frame.imageWidth);
      }
      return Optional.of(
          orientation.upright(new RgbImage(frame.imageWidth, frame.imageHeight, rgb)));
    } catch (FFmpegFrameGrabber.Exception e) {
      throw new UserError(
          "the video cannot be read on: " + e.getMessage(),
          source + " after " + seconds + " s",
          "check the file",
          e);
    }
  }

  /** When the last picture is shown, from the start. */
  public double seconds() {
    return seconds;
  }

  /** Pictures a second; 25 where the source does not say. */
  public double rate() {
    double rate = grabber.getVideoFrameRate();
    return rate > 0 && rate <= 240 ? rate : 25;
  }

  /** How many pictures there are, as far as the container knows; 0 for a camera. */
  public long count() {
    return Math.max(0, grabber.getLengthInVideoFrames());
  }

  @Override
  public void close() {
    close(grabber);
  }

  private static void close(FFmpegFrameGrabber grabber) {
    try {
      grabber.close();
    } catch (org.bytedeco.javacv.FrameGrabber.Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
