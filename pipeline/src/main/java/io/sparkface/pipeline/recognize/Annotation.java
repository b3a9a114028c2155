package io.sparkface.pipeline.recognize;

import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.Point;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.detect.Box;
import io.sparkface.pipeline.detect.DetectedFace;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A face marked in a picture: box, landmarks and a name.
 *
 * @param text above the box; may be empty
 */
public record Annotation(DetectedFace face, String text, Kind kind) {
  private static final Logger LOG = LoggerFactory.getLogger(Annotation.class);

  /** What is known of a face; gives the colour, green and red as the original's. */
  public enum Kind {
    KNOWN(new Color(0x00, 0xC8, 0x00)),
    UNKNOWN(new Color(0xE6, 0x28, 0x28)),
    DETECTED(new Color(0x1E, 0x90, 0xFF));

    private final Color colour;

    Kind(Color colour) {
      this.colour = colour;
    }
  }

  /** A face of which nothing is known but the detector's score. */
  public static Annotation detected(DetectedFace face) {
    return new Annotation(face, String.format(Locale.ROOT, "%.2f", face.score()), Kind.DETECTED);
  }

  /** The picture with all marks. */
  public static RgbImage draw(RgbImage picture, List<Annotation> marks) {
    BufferedImage canvas = ImageEncoder.buffered(picture);
    Graphics2D pen = canvas.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    for (Annotation mark : marks) {
      mark.draw(pen, canvas.getWidth());
    }
    pen.dispose();
    int[] pixels =
        canvas.getRGB(0, 0, canvas.getWidth(), canvas.getHeight(), null, 0, canvas.getWidth());
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return new RgbImage(picture.width(), picture.height(), rgb);
  }

  private void draw(Graphics2D pen, int pictureWidth) {
    Box box = face.box();
    double line = Math.max(1, Math.min(box.size() / 30, 4));
    pen.setColor(kind.colour);
    pen.setStroke(new BasicStroke((float) line));
    pen.draw(new Rectangle2D.Double(box.left(), box.top(), box.width(), box.height()));
    for (Point point : face.landmarks().points()) {
      pen.fill(new Ellipse2D.Double(point.x() - line, point.y() - line, 2 * line, 2 * line));
    }
    if (!text.isEmpty()) {
      try {
        write(pen, pictureWidth);
      } catch (InternalError | RuntimeException e) {
        // the JDK finds no font on a bare machine; boxes are worth having all the same
        LOG.warn("names cannot be drawn, as there is no font: {}", e.toString());
      }
    }
  }

  private void write(Graphics2D pen, int pictureWidth) {
    Box box = face.box();
    int size = (int) Math.max(10, Math.min(24, box.width() / 5));
    pen.setFont(new Font(Font.SANS_SERIF, Font.BOLD, size));
    FontMetrics metrics = pen.getFontMetrics();
    int width = metrics.stringWidth(text) + 4;
    int height = metrics.getAscent() + metrics.getDescent();
    double left = Math.max(0, Math.min(box.left(), pictureWidth - width));
    double top = box.top() - height < 0 ? box.top() : box.top() - height;
    pen.fill(new Rectangle2D.Double(left, top, width, height));
    pen.setColor(Color.WHITE);
    pen.drawString(text, (float) left + 2, (float) top + metrics.getAscent());
  }
}
