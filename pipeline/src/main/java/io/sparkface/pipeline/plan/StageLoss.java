package io.sparkface.pipeline.plan;

import io.sparkface.models.auxiliary.CentreHead;
import io.sparkface.models.auxiliary.DistillationHead;
import io.sparkface.models.auxiliary.TripletHead;
import io.sparkface.models.auxiliary.TripletLoss;
import io.sparkface.models.heads.Head;
import io.sparkface.models.margin.AdaCos;
import io.sparkface.models.margin.ClassDistillationHead;
import io.sparkface.models.margin.ClassSampling;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.margin.Margin;
import io.sparkface.models.margin.MarginLoss;
import io.sparkface.models.margin.PrototypeQueue;
import io.sparkface.models.margin.SoftmaxHead;
import io.sparkface.models.margin.SoftmaxLoss;
import java.util.Optional;

/** A loss of a stage, as the plan describes it before the number of classes is known. */
public sealed interface StageLoss {
  /** As in the plan. */
  String name();

  /** What it acts on. A stage has one loss of a kind at most. */
  Kind kind();

  /** The head that computes it. */
  Head head(Shape shape);

  /** What losses act on. */
  enum Kind {
    /** Outputs of all classes. */
    CLASSES,
    /** Embeddings and the centres of their classes. */
    CENTRES,
    /** Embeddings of a batch. */
    TRIPLETS,
    /** Embeddings and those of a teacher. */
    TEACHER
  }

  /**
   * What heads are built for.
   *
   * @param subCentres per class, for losses on cosines
   * @param sampling which classes take part, for losses on cosines
   * @param prototypes of losses on cosines
   * @param teacherWidth values of a teacher's output; 0 without one
   */
  record Shape(
      int embeddingSize,
      int classes,
      int subCentres,
      ClassSampling sampling,
      Optional<PrototypeQueue> prototypes,
      int teacherWidth) {}

  /** Whether batches hold faces of an identity next to each other. */
  default boolean grouped() {
    return false;
  }

  /** Whether batches are triplets mined before. */
  default boolean mined() {
    return false;
  }

  /** Whether a teacher's output is what it compares with. */
  default boolean taught() {
    return false;
  }

  /** A margin on cosines. */
  record OnCosines(String name, Margin margin, double labelSmoothing, double filterAbove)
      implements StageLoss {
    @Override
    public Kind kind() {
      return Kind.CLASSES;
    }

    @Override
    public Head head(Shape shape) {
      return cosineHead(shape, new MarginLoss(margin, labelSmoothing, filterAbove));
    }
  }

  /** AdaCos, whose first scale depends on the number of classes. */
  record Adaptive(String name, double maxMedian, double labelSmoothing) implements StageLoss {
    @Override
    public Kind kind() {
      return Kind.CLASSES;
    }

    @Override
    public Head head(Shape shape) {
      return cosineHead(
          shape,
          new MarginLoss(
              new AdaCos(shape.classes(), maxMedian), labelSmoothing, MarginLoss.NO_FILTER));
    }
  }

  private static CosineHead cosineHead(Shape shape, MarginLoss loss) {
    CosineHead head =
        new CosineHead(
            shape.embeddingSize(), shape.classes(), shape.subCentres(), loss, shape.sampling());
    return shape.prototypes().map(head::with).orElse(head);
  }

  /** Softmax on plain logits. */
  record OnLogits(String name, SoftmaxLoss loss) implements StageLoss {
    @Override
    public Kind kind() {
      return Kind.CLASSES;
    }

    @Override
    public Head head(Shape shape) {
      return new SoftmaxHead(shape.embeddingSize(), shape.classes(), loss);
    }
  }

  /** The cosines of a teacher. */
  record OfClasses(String name, double scale) implements StageLoss {
    @Override
    public Kind kind() {
      return Kind.CLASSES;
    }

    @Override
    public boolean taught() {
      return true;
    }

    @Override
    public Head head(Shape shape) {
      return new ClassDistillationHead(
          shape.embeddingSize(), shape.classes(), shape.subCentres(), scale);
    }
  }

  /**
   * Centres that follow the embeddings.
   *
   * @param initialFile a {@code .npy} of the first centres; empty where they begin at zero
   */
  record Centre(String name, double alpha, CentreHead.Distance distance, String initialFile)
      implements StageLoss {
    @Override
    public Kind kind() {
      return Kind.CENTRES;
    }

    @Override
    public Head head(Shape shape) {
      return new CentreHead(shape.embeddingSize(), shape.classes(), alpha, distance);
    }
  }

  /** Faces of a batch. */
  record Triplet(String name, TripletLoss loss, double alpha, TripletHead.Alpha source)
      implements StageLoss {
    @Override
    public Kind kind() {
      return Kind.TRIPLETS;
    }

    @Override
    public boolean grouped() {
      return !loss.offline();
    }

    @Override
    public boolean mined() {
      return loss.offline();
    }

    @Override
    public Head head(Shape shape) {
      return new TripletHead(shape.embeddingSize(), loss, alpha, source);
    }
  }

  /** A teacher's embedding. */
  record Distillation(String name, DistillationHead.Distance distance) implements StageLoss {
    @Override
    public Kind kind() {
      return Kind.TEACHER;
    }

    @Override
    public boolean taught() {
      return true;
    }

    @Override
    public Head head(Shape shape) {
      return new DistillationHead(shape.embeddingSize(), shape.teacherWidth(), distance);
    }
  }
}
