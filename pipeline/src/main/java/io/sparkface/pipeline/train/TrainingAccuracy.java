package io.sparkface.pipeline.train;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.clean.SubCentres;
import io.sparkface.pipeline.embed.GraphEmbedder;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Share of training images whose nearest sub-centre is their own identity's: no margin, inference
 * mode, on the first {@value #SAMPLE} images of the set, which are a fixed random sample as the set
 * is shuffled.
 */
final class TrainingAccuracy {
  private static final int SAMPLE = 1024;
  private static final int BATCH = 64;

  private final FaceSet faces;
  private final TrainPlan plan;
  private final Configuration hadoop;

  TrainingAccuracy(FaceSet faces, TrainPlan plan, Configuration hadoop) {
    this.faces = faces;
    this.plan = plan;
    this.hadoop = hadoop;
  }

  double of(ComputationGraph graph, int subCentres) throws IOException {
    SubCentres centres = SubCentres.of(TrainingRun.centres(graph), faces.identities(), subCentres);
    int right = 0;
    int seen = 0;
    try (GraphEmbedder embedder = GraphEmbedder.inside(graph, plan.network())) {
      for (RowGroup group : faces.rowGroups()) {
        List<FaceRecord> rows;
        try (FaceFile file = FaceFile.open(new Path(group.file()), hadoop)) {
          rows = file.read(group.index());
        }
        for (int from = 0; from < rows.size() && seen < SAMPLE; from += BATCH) {
          List<FaceRecord> part = rows.subList(from, Math.min(from + BATCH, rows.size()));
          List<RgbImage> pictures = new ArrayList<>();
          for (FaceRecord row : part) {
            pictures.add(ImageDecoder.decode(row.image(), row.source()));
          }
          float[][] embeddings = embedder.embed(pictures);
          for (int i = 0; i < part.size(); i++) {
            right += centres.nearestIdentity(embeddings[i]) == part.get(i).label() ? 1 : 0;
          }
          seen += part.size();
        }
        if (seen >= SAMPLE) {
          break;
        }
      }
    }
    return (double) right / seen;
  }
}
