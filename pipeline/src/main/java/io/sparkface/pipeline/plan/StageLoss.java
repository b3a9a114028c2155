package io.sparkface.pipeline.plan;

import io.sparkface.models.heads.Head;
import io.sparkface.models.margin.AdaCos;
import io.sparkface.models.margin.ClassSampling;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.margin.Margin;
import io.sparkface.models.margin.MarginLoss;
import io.sparkface.models.margin.SoftmaxHead;
import io.sparkface.models.margin.SoftmaxLoss;

/** The main loss of a stage, as the plan describes it before the number of classes is known. */
public sealed interface StageLoss {
  /** As in the plan. */
  String name();

  /**
   * The head that computes it.
   *
   * @param subCentres per class, for losses on cosines
   * @param sampling which classes take part, for losses on cosines
   */
  Head head(int embeddingSize, int classes, int subCentres, ClassSampling sampling);

  /** A margin on cosines. */
  record OnCosines(String name, Margin margin, double labelSmoothing, double filterAbove)
      implements StageLoss {
    @Override
    public Head head(int embeddingSize, int classes, int subCentres, ClassSampling sampling) {
      return new CosineHead(
          embeddingSize,
          classes,
          subCentres,
          new MarginLoss(margin, labelSmoothing, filterAbove),
          sampling);
    }
  }

  /** AdaCos, whose first scale depends on the number of classes. */
  record Adaptive(String name, double maxMedian, double labelSmoothing) implements StageLoss {
    @Override
    public Head head(int embeddingSize, int classes, int subCentres, ClassSampling sampling) {
      return new CosineHead(
          embeddingSize,
          classes,
          subCentres,
          new MarginLoss(new AdaCos(classes, maxMedian), labelSmoothing, MarginLoss.NO_FILTER),
          sampling);
    }
  }

  /** Softmax on plain logits. */
  record OnLogits(String name, SoftmaxLoss loss) implements StageLoss {
    @Override
    public Head head(int embeddingSize, int classes, int subCentres, ClassSampling sampling) {
      return new SoftmaxHead(embeddingSize, classes, loss);
    }
  }
}
