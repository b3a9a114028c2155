package io.sparkface.models.layers;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer or vertex that an {@link InferencePlan} can run without DL4J's graph around it. */
interface Planned {
  /** What it does to inputs of these shapes, with the parameters of this moment. */
  Operation plan(List<long[]> inputs);

  /** Inference of a layer or vertex for fixed shapes. */
  record Operation(long[] outputShape, Action action) {}

  /** Reads the inputs and overwrites the output. */
  @FunctionalInterface
  interface Action {
    void run(List<INDArray> inputs, INDArray output);
  }
}
