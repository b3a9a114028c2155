package io.sparkface.pipeline.train;

import io.sparkface.models.heads.Head;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.margin.ClassSampling;
import io.sparkface.pipeline.plan.OptimiserPlan;
import io.sparkface.pipeline.plan.TrainPlan;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.schedule.FixedSchedule;

/**
 * Off-heap memory of the stage that needs most, from the configuration alone: nothing is allocated.
 * Workers need it each.
 *
 * @param network weights of backbone and embedding
 * @param heads weights of the heads, which grow with the number of identities
 * @param headState what heads remember and no optimiser moves: centres, newest faces, averages
 * @param gradients of all of them; DL4J keeps room for those of state, too
 * @param updater state of the optimiser, for what is trained
 * @param activations of a step: what each layer gives and keeps for the way back, and gradients of
 *     the size of the largest
 * @param logits cosines and probabilities of all identities, of which four are held in a step
 * @param libraries copies of kernels in oneDNN's layouts, and what libraries take at all
 */
public record MemoryEstimate(
    long network,
    long heads,
    long headState,
    long gradients,
    long updater,
    long activations,
    long logits,
    long libraries) {
  private static final int NUMBER = 4;
  private static final int LOGIT_COPIES = 4;

  /** Weights of the classes of a step, and their gradient. */
  private static final int SAMPLED_COPIES = 2;

  /** Batches of images: three that wait, one that is read, one that is trained on. */
  private static final int BATCHES = 5;

  /** DL4J's workspaces for gradients on their way, each of the largest layer's size. */
  private static final int GRADIENTS = 4;

  /** oneDNN's passes of a convolution: each has the kernels in a layout of its own. */
  private static final int KERNEL_COPIES = 3;

  /** What libraries and the C heap take beside all that (measured). */
  private static final long LIBRARIES = 200L << 20;

  /**
   * @param identities of the set; 0 where none is named, which leaves the heads out
   */
  public static MemoryEstimate of(TrainPlan plan, int identities, int teacherWidth) {
    return plan.stages().stream()
        .map(stage -> of(plan, stage, identities, teacherWidth))
        .max((a, b) -> Long.compare(a.sum(), b.sum()))
        .orElseThrow();
  }

  private static MemoryEstimate of(
      TrainPlan plan, TrainPlan.Stage stage, int identities, int teacherWidth) {
    ComputationGraphConfiguration configuration =
        TrainingGraph.configuration(
            plan,
            stage,
            // heads of no identities cannot be built
            Math.max(identities, 3),
            Math.max(teacherWidth, 1),
            new FixedSchedule(stage.optimiser().learningRate()));
    long network = 0;
    long heads = 0;
    long headState = 0;
    for (Map.Entry<String, GraphVertex> vertex : configuration.getVertices().entrySet()) {
      if (vertex.getValue() instanceof LayerVertex layer) {
        long numbers =
            layer.getLayerConf().getLayer().initializer().numParams(layer.getLayerConf());
        if (layer.getLayerConf().getLayer() instanceof Head head) {
          heads += identities == 0 ? 0 : head.trainedNumbers();
          headState += identities == 0 ? 0 : numbers - head.trainedNumbers();
        } else {
          network += numbers;
        }
      }
    }
    Map<String, InputType> types =
        new TreeMap<>(
            configuration.getLayerActivationTypes(
                InputType.convolutional(
                    plan.network().height(), plan.network().width(), 3, CNN2DFormat.NHWC)));
    types.keySet().removeAll(TrainingGraph.HEADS);
    long given = 0;
    long kept = 0;
    long largest = 0;
    for (Map.Entry<String, InputType> type : types.entrySet()) {
      long numbers = type.getValue().arrayElementsPerExample();
      given += numbers;
      kept += numbers * keptOutputs(configuration.getVertices().get(type.getKey()));
      largest = Math.max(largest, numbers);
    }
    long pixels = 3L * plan.network().height() * plan.network().width();
    OptimiserPlan how = stage.optimiser();
    long state =
        how.optimiser().updater(new FixedSchedule(how.learningRate())).stateSize(network + heads);
    long batch = plan.data().batchSize();
    return new MemoryEstimate(
        NUMBER * network,
        NUMBER * heads,
        NUMBER * headState,
        NUMBER * (network + heads + headState),
        NUMBER * state,
        // given once more: the first step has it outside workspaces, and the C heap keeps that room
        NUMBER * batch * (kept + given + GRADIENTS * largest + BATCHES * pixels),
        logits(stage, batch, identities, heads),
        NUMBER * KERNEL_COPIES * network + LIBRARIES);
  }

  /** Of the classes that take part in a step, whose weights are copied where these are not all. */
  private static long logits(TrainPlan.Stage stage, long batch, long identities, long heads) {
    double share = 1;
    if (stage.sampling() instanceof ClassSampling.Share some) {
      share = some.share();
    } else if (stage.sampling() instanceof ClassSampling.Split split) {
      share = 1.0 / split.parts();
    }
    double numbers = share * LOGIT_COPIES * batch * identities * stage.subCentres();
    double copies = share < 1 ? SAMPLED_COPIES * share * heads : 0;
    return Math.round(NUMBER * (numbers + copies));
  }

  private static int keptOutputs(GraphVertex vertex) {
    return vertex instanceof LayerVertex layer
            && layer.getLayerConf().getLayer() instanceof BlockLayer block
        ? block.keptOutputs()
        : 1;
  }

  /** All together, bytes. */
  public long sum() {
    return network + heads + headState + gradients + updater + activations + logits + libraries;
  }

  /** What this JVM may take, bytes; 0 for no limit. */
  static long limit() {
    return Math.max(Pointer.maxPhysicalBytes(), 0);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "memory off the heap: about %.2f GiB (network %.1f MiB, heads %.1f, their state %.1f,"
            + " gradients %.1f, optimiser %.1f, activations %.1f, logits %.1f,"
            + " libraries %.1f)",
        sum() / (1024.0 * 1048576),
        network / 1048576.0,
        heads / 1048576.0,
        headState / 1048576.0,
        gradients / 1048576.0,
        updater / 1048576.0,
        activations / 1048576.0,
        logits / 1048576.0,
        libraries / 1048576.0);
  }
}
