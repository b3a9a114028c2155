package io.sparkface.models.margin;

import io.sparkface.models.heads.HeadComputation;
import io.sparkface.models.heads.HeadStep;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Computes {@link CosineHead}. */
final class CosineHeadComputation implements HeadComputation {
  /** Below this squared length a vector is not brought to length 1 (spec 0). */
  static final double LEAST_SQUARE = 1e-5;

  private final int classes;
  private final int subCentres;
  private final MarginLoss loss;
  private final ClassSampling sampling;
  private final PrototypeQueue queue;
  private CosineMatrix matrix;

  CosineHeadComputation(
      int classes, int subCentres, MarginLoss loss, ClassSampling sampling, PrototypeQueue queue) {
    this.queue = queue;
    this.classes = classes;
    this.subCentres = subCentres;
    this.loss = loss;
    this.sampling = sampling;
  }

  @Override
  public INDArray activate(INDArray input, Map<String, INDArray> parameters) {
    INDArray weights = parameters.get(CosineHead.WEIGHTS);
    INDArray cosines =
        matrix(input, weights, LEAST_SQUARE).forward(input, weights, weights.ulike());
    return new SubCentreChoice(cosines, subCentres).nearest();
  }

  private CosineMatrix matrix(INDArray input, INDArray weights, double leastSquare) {
    if (matrix == null || !matrix.fits(input, weights, leastSquare)) {
      matrix = CosineMatrix.of(input, weights, leastSquare);
    }
    return matrix;
  }

  @Override
  public double backward(HeadStep step) {
    SoftLabels labels = SoftLabels.read(step.labels(), classes);
    int[] chosen = sampling.choose(classes, labels, step.iteration());
    INDArray weights = step.parameters().get(CosineHead.WEIGHTS);
    INDArray gradient = step.gradients().get(CosineHead.WEIGHTS);
    if (queue != null) {
      return prototypes(step, labels, weights, gradient);
    }
    if (chosen.length == classes) {
      return backward(step, labels, weights, gradient);
    }
    SampledColumns columns = new SampledColumns(chosen, subCentres);
    INDArray sampled = columns.gather(weights);
    INDArray sampledGradient = sampled.ulike();
    double sum = backward(step, labels.within(chosen), sampled, sampledGradient);
    columns.scatter(sampledGradient, gradient);
    return sum;
  }

  /** With each centre drawn to the newest embedding of its class, which the batch's become. */
  private double prototypes(HeadStep step, SoftLabels labels, INDArray weights, INDArray gradient) {
    INDArray steps = step.parameters().get(CosineHead.STEPS).addi(1);
    INDArray features = step.parameters().get(CosineHead.FEATURES);
    INDArray updated = step.parameters().get(CosineHead.UPDATED);
    double now = steps.getDouble(0);
    PrototypeQueue.Mixed centres = queue.mix(weights, features, updated, now);
    CosineMatrix matrix = matrix(step.input(), centres.mixed(), PrototypeQueue.LEAST_SQUARE);
    double sum = backward(step, labels, matrix, centres.mixed(), gradient);
    centres.backward(gradient);
    int[] classes = labels.mains();
    for (int i = 0; i < classes.length; i++) {
      features.getRow(classes[i]).assign(matrix.unitX().getRow(i));
      updated.putScalar(classes[i], 0, now);
    }
    return sum;
  }

  private double backward(HeadStep step, SoftLabels labels, INDArray weights, INDArray gradient) {
    CosineMatrix matrix = matrix(step.input(), weights, LEAST_SQUARE);
    return backward(step, labels, matrix, weights, gradient);
  }

  private double backward(
      HeadStep step, SoftLabels labels, CosineMatrix matrix, INDArray weights, INDArray gradient) {
    INDArray input = step.input();
    SubCentreChoice choice =
        new SubCentreChoice(matrix.forward(input, weights, gradient), subCentres);
    INDArray cosines = choice.nearest();
    if (subCentres == 1) {
      cosines = matrix.gradient().assign(cosines);
    }
    double[] norms = input.norm2(1).toDoubleVector();
    BatchHardness hardness =
        loss.margin() instanceof AcrTrip ? new BatchHardness(matrix.unitX(), labels.first()) : null;
    double[] hard = hardness == null ? new double[norms.length] : hardness.values();

    INDArray kept = step.parameters().get(CosineHead.STATE);
    LossState before = loss.margin().initialState().readFrom(kept);
    MarginLoss.Result result =
        loss.overwrite(cosines, new MarginLoss.Rows(labels, norms, hard), before);
    result.next().writeTo(kept);

    INDArray toUnit = null;
    if (hardness != null) {
      toUnit = Nd4j.zeros(input.dataType(), input.shape());
      hardness.backward(result.byHardness(), toUnit);
    }
    matrix.backward(choice.spread(cosines), gradient, toUnit, step.inputGradient());
    addNormGradient(step, norms, result.byNorm());
    return DoubleStream.of(result.losses()).sum();
  }

  /** d|x|/dx = x / |x|. */
  private static void addNormGradient(HeadStep step, double[] norms, double[] byNorm) {
    for (int i = 0; i < norms.length; i++) {
      if (byNorm[i] != 0 && norms[i] > 0) {
        step.inputGradient().getRow(i).addi(step.input().getRow(i).mul(byNorm[i] / norms[i]));
      }
    }
  }
}
