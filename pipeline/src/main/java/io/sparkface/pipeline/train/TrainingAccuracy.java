package io.sparkface.pipeline.train;

import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.input.RowRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Share of training images whose largest output of the main head is their own identity's: no
 * margin, inference mode, no augmentation, on the first {@value #SAMPLE} images of the set, which
 * are a fixed random sample as the set is shuffled.
 *
 * @param reader gives the images unchanged
 * @param sample the images, in batches
 */
record TrainingAccuracy(BatchReader reader, List<BatchDescriptor> sample) {
  private static final int SAMPLE = 1024;
  private static final int BATCH = 64;

  /**
   * @param groups rows of each row group
   */
  static TrainingAccuracy on(BatchReader reader, List<Long> groups) {
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
    return new TrainingAccuracy(reader, sample);
  }

  double of(ComputationGraph graph) throws IOException {
    int right = 0;
    int seen = 0;
    for (BatchDescriptor descriptor : sample) {
      FaceBatch batch = reader.read(descriptor);
      INDArray predicted = TrainingGraph.classify(graph, batch.images()).argMax(1);
      for (int i = 0; i < batch.size(); i++) {
        right += predicted.getInt(i) == batch.labels().getInt(i) ? 1 : 0;
      }
      seen += batch.size();
    }
    return (double) right / seen;
  }
}
