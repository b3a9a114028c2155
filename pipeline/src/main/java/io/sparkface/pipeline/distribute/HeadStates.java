package io.sparkface.pipeline.distribute;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.Merge;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What heads remember between batches: scales, moving averages, centres, the newest embeddings.
 * After every step workers agree on it by the rule of each, {@link Merge}, so that all go into the
 * next one with the same.
 */
final class HeadStates {
  private final Ring ring;
  private final int rank;
  private final List<State> states = new ArrayList<>();

  /** An array of state, and as it was before the step. */
  private record State(INDArray now, INDArray before, Merge merge) {}

  HeadStates(ComputationGraph graph, Ring ring, int rank) {
    this.ring = ring;
    this.rank = rank;
    for (Layer layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof Head head) {
        head.state()
            .forEach(
                (name, merge) ->
                    states.add(
                        new State(
                            layer.paramTable().get(name),
                            layer.paramTable().get(name).dup('c'),
                            merge)));
      }
    }
  }

  /** Brings the workers' states together after a step. */
  void merge() throws IOException {
    if (ring.size() == 1) {
      return;
    }
    for (State state : states) {
      INDArray merged =
          switch (state.merge) {
            case MEAN -> sum(state.now).divi(ring.size());
            case SUM_OF_CHANGES -> sum(state.now.sub(state.before)).addi(state.before);
            case FIRST_CHANGE -> firstChange(state);
          };
      state.now.assign(merged);
      state.before.assign(merged);
    }
  }

  private INDArray sum(INDArray values) throws IOException {
    INDArray flat = values.dup('c').reshape(values.length());
    ring.sum(HostFloats.of(flat));
    return flat.reshape('c', values.shape());
  }

  /** Each row of the first worker that changed it: all tell which they did, one gives its own. */
  private INDArray firstChange(State state) throws IOException {
    int rows = (int) state.now.size(0);
    INDArray changed = state.now.neq(state.before).castTo(DataType.FLOAT).reshape('c', rows, -1);
    float[][] told = new float[ring.size()][rows];
    told[rank] = changed.max(1).toFloatVector();
    told = sum(Nd4j.createFromArray(told)).toFloatMatrix();
    float[] given = new float[rows];
    float[] unchanged = new float[rows];
    for (int row = 0; row < rows; row++) {
      int first = 0;
      while (first < ring.size() && told[first][row] == 0) {
        first++;
      }
      given[row] = first == rank ? 1 : 0;
      unchanged[row] = first == ring.size() ? 1 : 0;
    }
    return sum(state.now.mulColumnVector(column(given)))
        .addi(state.before.mulColumnVector(column(unchanged)));
  }

  private static INDArray column(float[] values) {
    return Nd4j.createFromArray(values).reshape(values.length, 1);
  }
}
