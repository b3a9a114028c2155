package io.sparkface.pipeline.tensor;

import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.Normalisation;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A batch of pictures [n, height, width, 3], float32, written straight into the array's own memory,
 * by as many threads as want to. ND4J's own way from a Java array writes value by value, on one
 * thread, into memory it has filled with zeros before: that takes longer than decoding the
 * pictures.
 */
public final class ImageTensor {
  private final INDArray array;
  private final FloatBuffer memory;
  private final int pixels;

  private ImageTensor(INDArray array) {
    this.array = array;
    this.pixels = Math.toIntExact(array.length() / array.size(0));
    Nd4j.getAffinityManager().ensureLocation(array, Location.HOST);
    this.memory =
        new BytePointer(array.data().pointer())
            .limit(Float.BYTES * array.length())
            .asByteBuffer()
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
  }

  /** Room for {@code count} pictures, whose values are anything. */
  public static ImageTensor of(int count, int height, int width) {
    return new ImageTensor(
        Nd4j.createUninitializedDetached(DataType.FLOAT, count, height, width, 3));
  }

  /**
   * The memory of an array that is no longer needed, where it has room for just as many pictures of
   * that size, else room of its own.
   *
   * @param former {@link #array} of another tensor, or null
   */
  public static ImageTensor reusing(INDArray former, int count, int height, int width) {
    return former != null && Arrays.equals(former.shape(), new long[] {count, height, width, 3})
        ? new ImageTensor(former)
        : of(count, height, width);
  }

  /** Writes a picture of the tensor's size. */
  public void put(int index, FloatImage picture, Normalisation normalisation) {
    if (3 * picture.width() * picture.height() != pixels) {
      throw new IllegalArgumentException(
          picture.width() + "x" + picture.height() + " is not the tensor's size");
    }
    normalisation.toNhwc(picture, memory, index * pixels);
  }

  /** Writes a picture's normalised values. */
  public void put(int index, float[] values) {
    memory.put(index * pixels, values, 0, pixels);
  }

  /** A picture's normalised values. */
  public float[] values(int index) {
    float[] values = new float[pixels];
    memory.get(index * pixels, values);
    return values;
  }

  /** The array, when all pictures are written. */
  public INDArray array() {
    Nd4j.getAffinityManager().tagLocation(array, Location.HOST);
    return array;
  }
}
