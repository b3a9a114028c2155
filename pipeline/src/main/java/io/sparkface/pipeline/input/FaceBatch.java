package io.sparkface.pipeline.input;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One step's input.
 *
 * @param images [N, H, W, 3] float32, normalised
 * @param labels [N, 1] float32 class ids
 * @param embeddings [N, D] float32 of the teacher, or null without one
 * @param origin where the images lie
 */
public record FaceBatch(
    INDArray images, INDArray labels, INDArray embeddings, BatchDescriptor origin) {
  public int size() {
    return (int) images.size(0);
  }

  FaceBatch withEmbeddings(INDArray teacher) {
    return new FaceBatch(images, labels, teacher, origin);
  }
}
