package io.sparkface.pipeline.report;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Composite;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** Draws a PNG on white, {@value #PIXELS} pixels a unit. */
final class RasterCanvas implements Canvas {
  private static final int PIXELS = 3;

  private final BufferedImage image;
  private final Graphics2D graphics;

  RasterCanvas(double width, double height) {
    image =
        new BufferedImage(
            (int) Math.ceil(width * PIXELS),
            (int) Math.ceil(height * PIXELS),
            BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.scale(PIXELS, PIXELS);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  @Override
  public void line(double[] x, double[] y, Ink ink, double width, Dash dash) {
    graphics.setColor(ink.colour());
    float[] lengths = dash.lengths();
    graphics.setStroke(
        new BasicStroke(
            (float) width,
            BasicStroke.CAP_BUTT,
            BasicStroke.JOIN_ROUND,
            10,
            lengths.length == 0 ? null : lengths,
            0));
    graphics.draw(path(x, y));
  }

  @Override
  public void area(double[] x, double[] y, Ink ink) {
    Composite before = graphics.getComposite();
    graphics.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.22f));
    graphics.setColor(ink.colour());
    graphics.fill(path(x, y));
    graphics.setComposite(before);
  }

  @Override
  public void dot(double x, double y, double radius, Ink ink, String tip) {
    graphics.setColor(ink.colour());
    graphics.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  @Override
  public void text(double x, double y, String text, Anchor anchor, Ink ink, double size) {
    graphics.setColor(ink.colour());
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size));
    double width = graphics.getFontMetrics().getStringBounds(text, graphics).getWidth();
    double shift = anchor == Anchor.START ? 0 : anchor == Anchor.MIDDLE ? width / 2 : width;
    graphics.drawString(text, (float) (x - shift), (float) y);
  }

  @Override
  public void textAbove(double x, double y, String text, Anchor anchor, Ink ink, double size) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size);
    graphics.setFont(font);
    double width = graphics.getFontMetrics().getStringBounds(text, graphics).getWidth();
    double shift = anchor == Anchor.START ? 0 : anchor == Anchor.MIDDLE ? width / 2 : width;
    graphics.setColor(Color.WHITE);
    graphics.fill(new Rectangle2D.Double(x - shift - 2, y - size, width + 4, size + 3));
    text(x, y, text, anchor, ink, size);
  }

  private static Path2D path(double[] x, double[] y) {
    Path2D path = new Path2D.Double();
    boolean pen = false;
    for (int i = 0; i < x.length; i++) {
      boolean there = Double.isFinite(x[i]) && Double.isFinite(y[i]);
      if (there && pen) {
        path.lineTo(x[i], y[i]);
      } else if (there) {
        path.moveTo(x[i], y[i]);
      }
      pen = there;
    }
    return path;
  }

  byte[] png() throws IOException {
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
