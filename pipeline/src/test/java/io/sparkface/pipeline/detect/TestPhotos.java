package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.Orientation;
import io.sparkface.datasets.images.RgbImage;
import java.nio.ByteBuffer;

/** Photos that are not plain. */
public final class TestPhotos {
  private TestPhotos() {}

  /** As a phone stores a photo it took on its side: turned, and EXIF says how to turn it back. */
  public static byte[] onItsSide(RgbImage upright) {
    byte[] jpeg = ImageEncoder.jpeg(Orientation.TURNED_270.upright(upright), 0.95);
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 36);
    out.putShort((short) 0xFFD8).putShort((short) 0xFFE1).putShort((short) 34);
    out.putInt(0x45786966).putShort((short) 0);
    out.putShort((short) 0x4D4D).putShort((short) 42).putInt(8).putShort((short) 1);
    out.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) 6);
    out.putShort((short) 0).putInt(0);
    return out.put(jpeg, 2, jpeg.length - 2).array();
  }

  /** A header that claims 16000 x 16000 pixels. */
  public static byte[] bomb() {
    byte[] png = ImageEncoder.png(new RgbImage(1, 1, new byte[3]));
    ByteBuffer.wrap(png).putInt(16, 16_000).putInt(20, 16_000);
    return png;
  }
}
