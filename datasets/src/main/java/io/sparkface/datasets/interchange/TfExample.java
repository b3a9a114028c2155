package io.sparkface.datasets.interchange;

/**
 * A {@code tf.train.Example}: features by name, each a list of bytes or of integers, here always of
 * one element. Example { Features features = 1 }, Features { map<string, Feature> feature = 1 },
 * Feature { BytesList = 1 | Int64List = 3 }.
 */
public final class TfExample {
  private static final int BYTES_LIST = 1;
  private static final int INT64_LIST = 3;

  private final ProtoWriter features = new ProtoWriter();

  public TfExample bytes(String name, byte[] value) {
    return feature(name, BYTES_LIST, new ProtoWriter().bytes(1, value));
  }

  public TfExample integer(String name, long value) {
    return feature(name, INT64_LIST, new ProtoWriter().integer(1, value));
  }

  private TfExample feature(String name, int kind, ProtoWriter list) {
    ProtoWriter feature = new ProtoWriter().message(kind, list);
    features.message(1, new ProtoWriter().text(1, name).message(2, feature));
    return this;
  }

  /** The message so far. */
  public byte[] toBytes() {
    return new ProtoWriter().message(1, features).toBytes();
  }
}
