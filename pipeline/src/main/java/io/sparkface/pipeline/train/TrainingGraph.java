package io.sparkface.pipeline.train;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import io.sparkface.models.auxiliary.CentreHead;
import io.sparkface.models.heads.Head;
import io.sparkface.models.optim.SharpnessAwareStep;
import io.sparkface.pipeline.plan.OptimiserPlan;
import io.sparkface.pipeline.plan.StageLoss;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.plan.WeightedLoss;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The network of a stage: image [N, H, W, 3] → embedding [N, D] → the heads of its losses, one
 * vertex for each kind.
 */
public final class TrainingGraph {
  static final String IMAGE = "image";
  static final String EMBEDDING = "embedding";

  /** The vertex of the margin head; its sub-centres are the parameter {@link #CENTRES}. */
  public static final String MARGIN = "margin";

  private static final String CENTRE = "centre";
  private static final String TRIPLET = "triplet";
  private static final String DISTILL = "distill";

  /** Vertices that are trained with a network but are no part of it. */
  static final List<String> HEADS = List.of(MARGIN, CENTRE, TRIPLET, DISTILL);

  /** Sub-centres of all identities, [D, identities * K]. */
  public static final String CENTRES = MARGIN + "_W";

  /** What the centre loss draws embeddings to, [identities, D]. */
  static final String CLASS_CENTRES = CENTRE + "_" + CentreHead.CENTRES;

  private TrainingGraph() {}

  /**
   * The network of {@code stage}, freshly initialised from the plan's seed.
   *
   * @param rate learning rate by the network's own count of steps
   */
  static ComputationGraph of(
      TrainPlan plan, TrainPlan.Stage stage, int classes, int teacherWidth, ISchedule rate) {
    ComputationGraph built =
        new ComputationGraph(configuration(plan, stage, classes, teacherWidth, rate));
    built.init();
    stage.optimiser().clipping().listener().ifPresent(built::addListeners);
    double radius = stage.optimiser().optimiser().sharpnessRadius();
    if (radius > 0) {
      new SharpnessAwareStep(built, radius);
    }
    return built;
  }

  /** As {@link #of}, without any array. */
  static ComputationGraphConfiguration configuration(
      TrainPlan plan, TrainPlan.Stage stage, int classes, int teacherWidth, ISchedule rate) {
    OptimiserPlan how = stage.optimiser();
    NeuralNetConfiguration.Builder training = training(plan.seed()).l2(how.l2());
    how.optimiser().applyTo(training, rate);
    how.clipping().applyTo(training);
    GraphBuilder graph = network(training, plan.network());
    Networks.computeIn(graph, plan.precision());
    if (stage.bottleneckOnly()) {
      freeze(graph);
    }
    StageLoss.Shape shape =
        new StageLoss.Shape(
            plan.network().embeddingSize(),
            classes,
            stage.subCentres(),
            stage.sampling(),
            stage.prototypes(),
            teacherWidth);
    List<String> outputs = new ArrayList<>();
    for (WeightedLoss each : stage.losses()) {
      Head head = each.loss().head(shape);
      head.weigh(each.weight());
      String vertex = vertex(each.loss().kind());
      if (vertex.equals(MARGIN)) {
        head.decay(how.headL2());
      }
      graph.addLayer(vertex, head, EMBEDDING);
      outputs.add(vertex);
    }
    return graph.setOutputs(outputs.toArray(String[]::new)).build();
  }

  /** The part that is evaluated and deployed. */
  public static ComputationGraph embeddingOnly(NetworkSpec network) {
    ComputationGraph built =
        new ComputationGraph(
            network(training(0).updater(new NoOp()), network).setOutputs(EMBEDDING).build());
    built.init();
    return built;
  }

  private static String vertex(StageLoss.Kind kind) {
    return switch (kind) {
      case CLASSES -> MARGIN;
      case CENTRES -> CENTRE;
      case TRIPLETS -> TRIPLET;
      case TEACHER -> DISTILL;
    };
  }

  /** Whether {@link #classify} can be asked. */
  static boolean classifies(ComputationGraph graph) {
    return graph.getVertex(MARGIN) != null;
  }

  /** What the original calls a head's loss in a history (spec 5.6, 6.2). */
  static String lossName(String head, TrainPlan.Stage stage) {
    return switch (head) {
      case CENTRE -> "center_embedding_loss";
      case TRIPLET -> "triplet_embedding_loss";
      case DISTILL -> "distill_embedding_loss";
      default -> stage.loss() instanceof StageLoss.OnLogits ? "softmax_loss" : "arcface_loss";
    };
  }

  /** What the main head makes of embeddings [N, D]: cosines or logits [N, classes]. */
  static INDArray classify(ComputationGraph graph, INDArray embeddings) {
    Layer head = graph.getLayer(MARGIN);
    INDArray outputs = head.activate(embeddings, false, LayerWorkspaceMgr.noWorkspaces());
    head.clear();
    return outputs;
  }

  /** Whether a parameter is one of the network, and not of a head that is trained with it. */
  public static boolean isOfNetwork(String parameter) {
    return HEADS.stream().noneMatch(head -> parameter.startsWith(head + "_"));
  }

  private static NeuralNetConfiguration.Builder training(long seed) {
    return new NeuralNetConfiguration.Builder()
        .seed(seed)
        .dataType(DataType.FLOAT)
        .trainingWorkspaceMode(WorkspaceMode.ENABLED)
        .inferenceWorkspaceMode(WorkspaceMode.ENABLED);
  }

  private static GraphBuilder network(
      NeuralNetConfiguration.Builder training, NetworkSpec network) {
    GraphBuilder graph =
        training
            .graphBuilder()
            .addInputs(IMAGE)
            .setInputTypes(
                InputType.convolutional(network.height(), network.width(), 3, CNN2DFormat.NHWC));
    Networks.addTo(graph, network, IMAGE);
    return graph;
  }

  /** All layers so far keep their weights and run in inference mode. */
  private static void freeze(GraphBuilder graph) {
    graph
        .getVertices()
        .replaceAll(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex layer) {
                layer.getLayerConf().setLayer(new FrozenLayer(layer.getLayerConf().getLayer()));
                return layer;
              }
              return new FrozenVertex(vertex);
            });
  }
}
