package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies a region of one array to a region of another and leaves the rest of that as it is. */
public interface RegionCopy {
  void run(INDArray from, INDArray to);
}
