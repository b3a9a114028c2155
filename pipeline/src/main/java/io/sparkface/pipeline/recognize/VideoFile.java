package io.sparkface.pipeline.recognize;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/**
 * Writes a video: H.264 by Cisco's OpenH264, or MPEG-4 where FFmpeg was built without. The file has
 * another name until {@link #finish}.
 */
public final class VideoFile implements AutoCloseable {
  private static final Set<String> ENDINGS = Set.of("mp4", "mkv", "mov");

  private final Path target;
  private final Path temporary;
  private final String container;
  private final double rate;
  private FFmpegFrameRecorder recorder;
  private Frame frame;

  /**
   * @param rate pictures a second
   * @throws UserError when the name does not end as a video's, or the file exists
   */
  public VideoFile(Path target, double rate) {
    String name = target.getFileName().toString();
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (!ENDINGS.contains(ending)) {
      throw new UserError(
          "'" + ending + "' is no video that is written", target.toString(), "end it with .mp4");
    }
    if (Files.exists(target)) {
      throw new UserError(
          "the output exists already", target.toString(), "name another file, or delete it first");
    }
    VideoFrames.requireFfmpeg();
    this.target = target;
    this.temporary = target.resolveSibling("." + name + ".tmp");
    this.container = ending.equals("mkv") ? "matroska" : ending;
    this.rate = rate;
  }

  /** Appends a picture; all have the size of the first. */
  public void add(RgbImage picture) {
    try {
      if (recorder == null) {
        start(picture);
      }
      ByteBuffer rows = (ByteBuffer) frame.image[0];
      for (int y = 0; y < frame.imageHeight; y++) {
        rows.position(y * frame.imageStride);
        rows.put(picture.rgb(), 3 * y * picture.width(), 3 * frame.imageWidth);
      }
      recorder.record(frame, avutil.AV_PIX_FMT_RGB24);
    } catch (FFmpegFrameRecorder.Exception e) {
      throw cannotWrite(e);
    }
  }

  private void start(RgbImage picture) throws FFmpegFrameRecorder.Exception {
    // both codecs halve the colours' resolution: sides are even
    int width = picture.width() & ~1;
    int height = picture.height() & ~1;
    try {
      start("libopenh264", width, height);
    } catch (FFmpegFrameRecorder.Exception e) {
      close();
      start("mpeg4", width, height);
    }
    frame = new Frame(width, height, Frame.DEPTH_UBYTE, 3);
  }

  private void start(String codec, int width, int height) throws FFmpegFrameRecorder.Exception {
    recorder = new FFmpegFrameRecorder(temporary.toFile(), width, height);
    recorder.setFormat(container);
    recorder.setVideoCodecName(codec);
    recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
    recorder.setFrameRate(rate);
    recorder.setVideoBitrate((int) Math.min(20e6, 0.15 * width * height * rate));
    recorder.start();
  }

  private UserError cannotWrite(Exception e) {
    return new UserError(
        "the video cannot be written: " + e.getMessage(),
        target.toString(),
        "check that the directory exists and has room",
        e);
  }

  /** Completes the file and gives it its name. */
  public void finish() {
    close();
    try {
      if (Files.exists(temporary)) {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  @Override
  public void close() {
    if (recorder != null) {
      try {
        recorder.close();
      } catch (org.bytedeco.javacv.FrameRecorder.Exception e) {
        throw cannotWrite(e);
      }
      recorder = null;
    }
  }
}
