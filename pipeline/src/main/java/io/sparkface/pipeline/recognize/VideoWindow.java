package io.sparkface.pipeline.recognize;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import java.awt.GraphicsEnvironment;
import java.awt.event.KeyAdapter;
import java.awt.event.KeyEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.swing.ImageIcon;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.SwingUtilities;

/** Shows a video while it is worked on; key s saves the picture, key q ends. */
public final class VideoWindow implements AutoCloseable {
  private final JFrame window;
  private final JLabel picture = new JLabel();
  private final Path directory;
  private volatile boolean ended;
  private volatile boolean save;
  private int saved;

  /**
   * @param directory where key s saves pictures
   * @throws UserError when there is no screen
   */
  public VideoWindow(String title, Path directory) {
    if (GraphicsEnvironment.isHeadless()) {
      throw new UserError(
          "there is no screen to open a window on", "--window", "leave it out, and name --output");
    }
    this.directory = directory;
    this.window = new JFrame(title);
    window.setDefaultCloseOperation(JFrame.DISPOSE_ON_CLOSE);
    window.add(picture);
    window.addKeyListener(
        new KeyAdapter() {
          @Override
          public void keyTyped(KeyEvent key) {
            ended |= key.getKeyChar() == 'q';
            save |= key.getKeyChar() == 's';
          }
        });
  }

  /** Shows a picture; false once the user wants no more. */
  public boolean show(RgbImage image) {
    ImageIcon icon = new ImageIcon(ImageEncoder.buffered(image));
    SwingUtilities.invokeLater(
        () -> {
          picture.setIcon(icon);
          if (!window.isVisible() && !ended) {
            window.pack();
            window.setVisible(true);
          }
        });
    if (save) {
      save = false;
      try {
        Path file;
        do {
          file = directory.resolve("frame-" + ++saved + ".jpg");
        } while (Files.exists(file));
        Files.write(file, ImageEncoder.jpeg(image, 0.95));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return !ended;
  }

  @Override
  public void close() {
    SwingUtilities.invokeLater(window::dispose);
  }
}
