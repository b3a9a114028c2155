package io.sparkface.pipeline.train;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Labels;
import io.sparkface.models.Embedding;
import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.input.GroupedOrder;
import io.sparkface.pipeline.input.MinedOrder;
import io.sparkface.pipeline.input.RowRef;
import io.sparkface.pipeline.input.Seeds;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Triplets of the hardest faces (spec 2.10): before an epoch some images are embedded by the
 * network as it is, without augmentation, and each is put beside the least similar one of its
 * identity and the most similar one of another.
 *
 * <p>What was mined is written into the run's directory before it is trained on, so that a run that
 * is broken in such an epoch goes on with the same triplets.
 */
final class TripletMining {
  private static final int BATCH = 64;

  private final GroupedOrder groups;
  private final int groupCount;
  private final int groupSize;
  private final Labels labels;
  private final BatchReader reader;
  private final TrainPlan plan;

  /**
   * @param reader gives images unchanged
   * @throws UserError when there is not one batch
   */
  TripletMining(TrainPlan plan, TrainPlan.Stage stage, Labels labels, BatchReader reader) {
    this.plan = plan;
    this.labels = labels;
    this.reader = reader;
    this.groupSize = GroupedOrder.groupSize(plan.data().imagesPerIdentity());
    this.groups = new GroupedOrder(labels, groupSize, groupSize, plan.seed());
    long rows = labels.groups().stream().mapToLong(group -> group.length).sum();
    double images = stage.mining() <= 1 ? stage.mining() * rows : stage.mining();
    this.groupCount = (int) Math.min(groups.steps(), Math.round(images / groupSize));
    if (steps() == 0) {
      throw new UserError(
          "triplets mined from " + groupCount * groupSize + " images do not fill a batch",
          "stages, mine = " + stage.mining(),
          "raise mine or lower data.batch-size");
    }
  }

  /** Steps of an epoch. */
  long steps() {
    return MinedOrder.steps(groupCount * groupSize, plan.data().batchSize());
  }

  /** The triplets of an epoch: as written before, or mined now and written. */
  MinedOrder of(int epoch, ComputationGraph graph, Path directory, Configuration hadoop)
      throws IOException {
    FileSystem fs = directory.getFileSystem(hadoop);
    Path file = new Path(directory, "epoch-" + epoch);
    if (!fs.exists(file)) {
      List<RowRef> mined = mine(epoch, graph);
      Path temporary = new Path(directory, ".epoch-" + epoch + ".tmp");
      fs.delete(directory, true);
      try (DataOutputStream out = new DataOutputStream(fs.create(temporary))) {
        for (RowRef row : mined) {
          out.writeInt(row.group());
          out.writeInt(row.row());
        }
      }
      if (!fs.rename(temporary, file)) {
        throw new IOException("cannot rename " + temporary + " to " + file);
      }
    }
    List<RowRef> rows = new ArrayList<>();
    long count = fs.getFileStatus(file).getLen() / (2 * Integer.BYTES);
    try (DataInputStream in = new DataInputStream(fs.open(file))) {
      for (long i = 0; i < count; i++) {
        rows.add(new RowRef(in.readInt(), in.readInt()));
      }
    }
    return new MinedOrder(rows, plan.data().batchSize());
  }

  private List<RowRef> mine(int epoch, ComputationGraph graph) throws IOException {
    List<RowRef> chosen = new ArrayList<>();
    Iterator<BatchDescriptor> each = groups.epoch(epoch);
    for (int i = 0; i < groupCount; i++) {
      chosen.addAll(each.next().rows());
    }
    INDArray unit = embed(chosen, graph);
    int[] classes =
        chosen.stream().mapToInt(row -> labels.groups().get(row.group())[row.row()]).toArray();
    List<RowRef[]> triplets = new ArrayList<>();
    for (int from = 0; from < classes.length; from += BATCH) {
      int to = Math.min(from + BATCH, classes.length);
      float[][] similar =
          unit.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
              .mmul(unit.transpose())
              .toFloatMatrix();
      for (int i = from; i < to; i++) {
        int positive = hardest(similar[i - from], classes, i, true);
        int negative = hardest(similar[i - from], classes, i, false);
        if (negative < 0) {
          throw new UserError(
              "all images triplets are mined from are of one identity", "stages, mine", "raise it");
        }
        triplets.add(new RowRef[] {chosen.get(i), chosen.get(positive), chosen.get(negative)});
      }
    }
    Collections.shuffle(triplets, new Random(Seeds.of(plan.seed(), epoch)));
    return triplets.stream().flatMap(Arrays::stream).toList();
  }

  private static int hardest(float[] similar, int[] classes, int anchor, boolean within) {
    int found = -1;
    for (int j = 0; j < classes.length; j++) {
      if ((classes[j] == classes[anchor]) == within
          && (found < 0 || (within ? similar[j] < similar[found] : similar[j] > similar[found]))) {
        found = j;
      }
    }
    return found;
  }

  private INDArray embed(List<RowRef> rows, ComputationGraph graph) throws IOException {
    Progress progress = new Progress("mining triplets", "images", rows.size());
    Embedding embedding = new Embedding(graph, plan.network());
    List<INDArray> parts = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += BATCH) {
      List<RowRef> part = rows.subList(from, Math.min(from + BATCH, rows.size()));
      FaceBatch batch = reader.read(new BatchDescriptor(0, from, part));
      INDArray embeddings = embedding.of(batch.images());
      parts.add(embeddings.divColumnVector(embeddings.norm2(1).addi(1e-12)));
      progress.add(part.size());
    }
    return Nd4j.concat(0, parts.toArray(INDArray[]::new));
  }
}
