package io.sparkface.pipeline.synthetic;

import io.sparkface.datasets.images.RgbImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.QuadCurve2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.SplittableRandom;

/**
 * A person as a drawing: shape and colours of head, hair, eyes, brows, nose and mouth are the
 * person's; pose, light and noise are the picture's.
 */
final class DrawnFace {
  private final Color skin;
  private final Color hair;
  private final Color iris;
  private final Color lips;
  private final double headWidth;
  private final double hairLine;
  private final double eyeGap;
  private final double eyeSize;
  private final double browTilt;
  private final double noseLength;
  private final double mouthWidth;
  private final double mouthHeight;

  DrawnFace(SplittableRandom random) {
    skin = Color.getHSBColor(f(random, 0.03, 0.11), f(random, 0.2, 0.65), f(random, 0.4, 0.98));
    hair = Color.getHSBColor(f(random, 0, 1), f(random, 0.1, 0.9), f(random, 0.1, 0.9));
    iris = Color.getHSBColor(f(random, 0, 1), f(random, 0.4, 1), f(random, 0.3, 0.9));
    lips = Color.getHSBColor(f(random, 0.92, 1.05), f(random, 0.4, 0.9), f(random, 0.4, 0.9));
    headWidth = f(random, 0.3, 0.44);
    hairLine = f(random, 0.12, 0.34);
    eyeGap = f(random, 0.11, 0.2);
    eyeSize = f(random, 0.035, 0.075);
    browTilt = f(random, -0.05, 0.05);
    noseLength = f(random, 0.08, 0.2);
    mouthWidth = f(random, 0.08, 0.2);
    mouthHeight = f(random, 0.015, 0.06);
  }

  private static float f(SplittableRandom random, double least, double most) {
    return (float) random.nextDouble(least, most);
  }

  /** One picture of the person. */
  RgbImage picture(int side, SplittableRandom random) {
    BufferedImage canvas = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = canvas.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(Color.getHSBColor(f(random, 0, 1), f(random, 0, 0.5), f(random, 0.2, 0.9)));
    pen.fillRect(0, 0, side, side);
    AffineTransform pose = AffineTransform.getScaleInstance(side, side);
    pose.translate(0.5 + f(random, -0.05, 0.05), 0.5 + f(random, -0.05, 0.05));
    pose.rotate(f(random, -0.2, 0.2));
    pose.shear(f(random, -0.1, 0.1), 0);
    double size = f(random, 0.9, 1.1);
    pose.scale(size, size);
    pen.transform(pose);
    draw(pen, f(random, 0.6, 1.4));
    pen.dispose();
    return lit(canvas, side, random);
  }

  private void draw(Graphics2D pen, double smile) {
    pen.setColor(hair);
    pen.fill(ellipse(0, -0.08, headWidth * 1.15, 0.48));
    pen.setColor(skin);
    pen.fill(ellipse(0, 0.05, headWidth, 0.42));
    pen.setColor(hair);
    pen.fill(new Rectangle2D.Double(-headWidth, -0.42, 2 * headWidth, hairLine));
    for (int side = -1; side <= 1; side += 2) {
      pen.setColor(Color.WHITE);
      pen.fill(ellipse(side * eyeGap, -0.02, eyeSize * 1.5, eyeSize));
      pen.setColor(iris);
      pen.fill(ellipse(side * eyeGap, -0.02, eyeSize * 0.8, eyeSize * 0.8));
      pen.setColor(hair);
      pen.fill(ellipse(side * eyeGap, -0.11 + side * browTilt, eyeSize * 1.6, 0.014));
    }
    pen.setColor(skin.darker());
    pen.fill(ellipse(0, 0.02 + noseLength / 2, 0.025, noseLength / 2));
    pen.setColor(lips);
    pen.fill(
        new QuadCurve2D.Double(
            -mouthWidth, 0.25, 0, 0.25 + mouthHeight * 4 * smile, mouthWidth, 0.25));
  }

  private static Ellipse2D ellipse(double x, double y, double halfWidth, double halfHeight) {
    return new Ellipse2D.Double(x - halfWidth, y - halfHeight, 2 * halfWidth, 2 * halfHeight);
  }

  private static RgbImage lit(BufferedImage canvas, int side, SplittableRandom random) {
    byte[] rgb = new byte[3 * side * side];
    double light = f(random, 0.75, 1.2);
    double slope = f(random, -0.4, 0.4);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int pixel = canvas.getRGB(x, y);
        double here = light + slope * (x - side / 2.0) / side;
        for (int c = 0; c < 3; c++) {
          double value = ((pixel >> (16 - 8 * c)) & 255) * here + random.nextDouble(-12, 12);
          rgb[3 * (y * side + x) + c] = (byte) Math.max(0, Math.min(255, value));
        }
      }
    }
    return new RgbImage(side, side, rgb);
  }
}
