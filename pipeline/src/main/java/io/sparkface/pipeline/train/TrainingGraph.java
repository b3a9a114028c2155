package io.sparkface.pipeline.train;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import io.sparkface.models.auxiliary.DistillationHead;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosFace;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.models.margin.Margin;
import io.sparkface.pipeline.plan.TrainPlan;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The network of a stage: image [N, H, W, 3] → embedding [N, D] → margin head, and a distillation
 * head beside it where the stage has a teacher.
 */
public final class TrainingGraph {
  static final String IMAGE = "image";
  static final String EMBEDDING = "embedding";

  /** The vertex of the margin head; its sub-centres are the parameter {@link #CENTRES}. */
  public static final String MARGIN = "margin";

  static final String DISTILL = "distill";

  /** Vertices that are trained with a network but are no part of it. */
  static final List<String> HEADS = List.of(MARGIN, DISTILL);

  /** Sub-centres of all identities, [D, identities * K]. */
  public static final String CENTRES = MARGIN + "_W";

  private TrainingGraph() {}

  /** The network of {@code stage}, freshly initialised from the plan's seed. */
  static ComputationGraph of(TrainPlan plan, TrainPlan.Stage stage, int classes, int teacherWidth) {
    TrainPlan.Optimiser optimiser = plan.optimiser();
    GraphBuilder graph =
        builder(
            plan.network(),
            plan.seed(),
            new Nesterovs(optimiser.learningRate(), optimiser.momentum()),
            optimiser.weightDecay());
    if (stage.bottleneckOnly()) {
      freeze(graph);
    }
    int width = plan.network().embeddingSize();
    List<String> outputs = new ArrayList<>();
    graph.addLayer(
        MARGIN, new CosineHead(width, classes, stage.subCentres(), margin(stage)), EMBEDDING);
    outputs.add(MARGIN);
    if (stage.distill() > 0) {
      graph.addLayer(
          DISTILL, DistillationHead.cosine(width, teacherWidth, stage.distill()), EMBEDDING);
      outputs.add(DISTILL);
    }
    return initialised(graph, outputs);
  }

  /** The part that is evaluated and deployed. */
  public static ComputationGraph embeddingOnly(NetworkSpec network) {
    return initialised(builder(network, 0, new NoOp(), 0), List.of(EMBEDDING));
  }

  /** Embeddings [N, D] in inference mode, not normalised. */
  public static INDArray embed(ComputationGraph graph, INDArray images) {
    return graph.output(List.of(EMBEDDING), false, new INDArray[] {images}, null)[0];
  }

  private static GraphBuilder builder(
      NetworkSpec network, long seed, IUpdater updater, double weightDecay) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(DataType.FLOAT)
            .updater(updater)
            .l2(weightDecay)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
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

  private static ComputationGraph initialised(GraphBuilder graph, List<String> outputs) {
    ComputationGraph built =
        new ComputationGraph(graph.setOutputs(outputs.toArray(String[]::new)).build());
    built.init();
    return built;
  }

  private static Margin margin(TrainPlan.Stage stage) {
    return switch (stage.margin()) {
      case "arcface" -> new ArcFace(1, stage.marginValue(), 0, stage.scale());
      case "cosface" -> new CosFace(stage.marginValue(), stage.scale());
      default -> throw new IllegalArgumentException("unchecked margin " + stage.margin());
    };
  }
}
