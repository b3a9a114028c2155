package io.sparkface.models.layers;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer or vertex that an {@link InferencePlan} can run without DL4J's graph around it. */
interface Planned {
  /** The shape of what it gives for inputs of these shapes. */
  long[] outputShape(List<long[]> inputs);

  /** What it does to inputs of these shapes, with the parameters of this moment. */
  Action plan(List<long[]> inputs);

  /** Whether all it does is to add its two inputs. */
  default boolean isSum() {
    return false;
  }

  /** Reads the inputs and overwrites the output, which is none of them. */
  @FunctionalInterface
  interface Action {
    void run(List<INDArray> inputs, INDArray output);
  }
}
