package io.sparkface.datasets.faces;

/**
 * One image of a face set.
 *
 * @param identity name of the person, as a folder name
 * @param label dense class number, from 0
 * @param key unique in the set
 * @param image encoded bytes, unchanged from the source
 * @param width columns of pixels
 * @param height rows of pixels
 * @param source path within the person folders, so that they can be built again
 */
public record FaceRecord(
    String identity, int label, long key, byte[] image, int width, int height, String source) {
  /** The same image under another class number. */
  public FaceRecord withLabel(int newLabel) {
    return new FaceRecord(identity, newLabel, key, image, width, height, source);
  }

  /** The same with other encoded bytes. */
  public FaceRecord withImage(byte[] newImage) {
    return new FaceRecord(identity, label, key, newImage, width, height, source);
  }
}
