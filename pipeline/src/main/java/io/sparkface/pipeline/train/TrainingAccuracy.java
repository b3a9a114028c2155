package io.sparkface.pipeline.train;

import io.sparkface.pipeline.distribute.Embeddings;
import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.RowRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Share of training images whose largest output of the main head is their own identity's: no
 * margin, inference mode, no augmentation, on the first {@value #SAMPLE} images of the set, which
 * are a fixed random sample as the set is shuffled.
 *
 * @param embeddings of the images unchanged
 * @param sample the images, in batches
 */
record TrainingAccuracy(Embeddings embeddings, List<BatchDescriptor> sample) {
  private static final int SAMPLE = 1024;
  private static final int BATCH = 64;

  /**
   * @param groups rows of each row group
   */
  static TrainingAccuracy on(Embeddings embeddings, List<Long> groups) {
    List<BatchDescriptor> sample = new ArrayList<>();
    List<RowRef> batch = new ArrayList<>();
    int left = SAMPLE;
    for (int group = 0; group < groups.size(); group++) {
      for (int row = 0; row < groups.get(group) && left > 0; row++, left--) {
        batch.add(new RowRef(group, row));
        if (batch.size() == BATCH) {
          sample.add(new BatchDescriptor(0, sample.size(), batch));
          batch = new ArrayList<>();
        }
      }
    }
    if (!batch.isEmpty()) {
      sample.add(new BatchDescriptor(0, sample.size(), batch));
    }
    return new TrainingAccuracy(embeddings, sample);
  }

  double of(ComputationGraph graph) {
    Embeddings.Labelled all = embeddings.of(graph, sample);
    int seen = all.labels().length;
    int right = 0;
    for (int from = 0; from < seen; from += BATCH) {
      int to = Math.min(seen, from + BATCH);
      INDArray batch = Nd4j.createFromArray(Arrays.copyOfRange(all.embeddings(), from, to));
      INDArray predicted = TrainingGraph.classify(graph, batch).argMax(1);
      for (int i = from; i < to; i++) {
        right += predicted.getInt(i - from) == all.labels()[i] ? 1 : 0;
      }
    }
    return (double) right / seen;
  }
}
