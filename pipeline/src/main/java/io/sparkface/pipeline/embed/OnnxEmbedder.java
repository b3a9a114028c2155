package io.sparkface.pipeline.embed;

import io.sparkface.base.AllCores;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** An ONNX network run by ONNX Runtime; NCHW or NHWC by its input's shape. */
public final class OnnxEmbedder implements Embedder {
  private final String where;
  private final Normalisation normalisation;
  private final OnnxNetwork network;
  private final boolean channelsFirst;
  private final long fixedBatch;
  private final int height;
  private final int width;
  private final int embedding;

  private OnnxEmbedder(String where, Normalisation normalisation, OnnxNetwork network) {
    this.where = where;
    this.normalisation = normalisation;
    this.network = network;
    long[] shape = network.inputShape();
    if (shape.length != 4) {
      throw notAFaceNetwork("its input is not a batch of pictures");
    }
    this.channelsFirst = shape[1] == 3;
    if (!channelsFirst && shape[3] != 3) {
      throw notAFaceNetwork("its input " + Arrays.toString(shape) + " has no 3 channels");
    }
    this.fixedBatch = shape[0];
    this.height = side(shape[channelsFirst ? 2 : 1]);
    this.width = side(shape[channelsFirst ? 3 : 2]);
    this.embedding = width(network.outputShape());
  }

  /**
   * @param where named in errors
   * @param input how pixels are scaled where the model itself does not say
   * @param threads that compute one operator, or {@link OnnxNetwork#ALL_CORES}
   */
  public static OnnxEmbedder of(OnnxModel model, String where, Normalisation input, int threads) {
    Normalisation own = OnnxCard.of(model, where).map(OnnxCard::normalisation).orElse(input);
    OnnxNetwork network = OnnxNetwork.open(model, where, threads);
    try {
      return new OnnxEmbedder(where, own, network);
    } catch (UserError e) {
      network.close();
      throw e;
    }
  }

  private UserError notAFaceNetwork(String why) {
    return new UserError("not a face network: " + why, where, "name an embedding network");
  }

  /** A free side is taken as 112, the size every published face network has. */
  private static int side(long declared) {
    return declared > 0 ? Math.toIntExact(declared) : 112;
  }

  /** Numbers per picture; a width the model leaves open is found by running it. */
  private int width(long[] declared) {
    long count = 1;
    for (int i = 1; i < declared.length; i++) {
      count *= declared[i];
    }
    boolean known = declared.length > 1 && Arrays.stream(declared).skip(1).allMatch(n -> n > 0);
    return known
        ? Math.toIntExact(count)
        : embed(List.of(new RgbImage(width, height, new byte[3 * width * height])))[0].length;
  }

  @Override
  public int width() {
    return embedding;
  }

  /** How many pictures the model takes at once, where it does not leave that open. */
  public OptionalInt fixedBatch() {
    return fixedBatch > 0 ? OptionalInt.of((int) fixedBatch) : OptionalInt.empty();
  }

  /** Rows of pixels of the input. */
  public int inputHeight() {
    return height;
  }

  /** Columns of pixels of the input. */
  public int inputWidth() {
    return width;
  }

  @Override
  public float[][] embed(List<RgbImage> pictures) {
    return fixedBatch > 0 && fixedBatch != pictures.size()
        ? inPieces(pictures)
        : network.first(batch(pictures)).rows();
  }

  /** The pictures as the network takes them. */
  public OnnxNetwork.Values batch(List<RgbImage> pictures) {
    int pixels = 3 * height * width;
    float[] values = new float[pictures.size() * pixels];
    AllCores.each(
        pictures.size(),
        i -> {
          RgbImage picture = pictures.get(i).fitting(width, height);
          if (channelsFirst) {
            normalisation.toNchw(picture, values, i * pixels);
          } else {
            normalisation.toNhwc(picture, values, i * pixels);
          }
        });
    long[] shape =
        channelsFirst
            ? new long[] {pictures.size(), 3, height, width}
            : new long[] {pictures.size(), height, width, 3};
    return new OnnxNetwork.Values(shape, values);
  }

  private float[][] inPieces(List<RgbImage> pictures) {
    int piece = Math.toIntExact(fixedBatch);
    float[][] rows = new float[pictures.size()][];
    for (int from = 0; from < pictures.size(); from += piece) {
      List<RgbImage> part =
          new ArrayList<>(pictures.subList(from, Math.min(from + piece, pictures.size())));
      int real = part.size();
      while (part.size() < piece) {
        part.add(part.get(0));
      }
      System.arraycopy(embed(part), 0, rows, from, real);
    }
    return rows;
  }

  @Override
  public void close() {
    network.close();
  }
}
