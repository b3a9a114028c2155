package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sparkface.pipeline.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.threshold.AdaptiveThresholdAlgorithm;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.parameterserver.training.SharedTrainingMaster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.parameterserver.distributed.conf.VoidConfiguration;
import org.nd4j.parameterserver.distributed.v2.enums.MeshBuildMode;

/**
 * Why {@code distribute.mode = gradient-sharing} does not use DL4J's parameter server: what it does
 * here must not happen to a run.
 */
@Tag("slow")
@Timeout(180)
class SharedTrainingMasterTest {
  private static final int WIDTH = 8;

  private final JavaSparkContext spark =
      JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());

  private JavaRDD<DataSet> data(int width, int tasks) {
    Random random = new Random(1);
    List<DataSet> batches = new ArrayList<>();
    for (int batch = 0; batch < 16; batch++) {
      INDArray images = Nd4j.zeros(DataType.FLOAT, 8, width);
      INDArray labels = Nd4j.zeros(DataType.FLOAT, 8, 2);
      for (int i = 0; i < 8; i++) {
        int label = random.nextInt(2);
        labels.putScalar(i, label, 1);
        for (int j = 0; j < width; j++) {
          images.putScalar(i, j, random.nextGaussian() + label);
        }
      }
      batches.add(new DataSet(images, labels));
    }
    return spark.parallelize(batches, tasks);
  }

  private SparkComputationGraph network() {
    SharedTrainingMaster master =
        new SharedTrainingMaster.Builder(
                VoidConfiguration.builder()
                    .unicastPort(40_123)
                    .networkMask("127.0.0.0/8")
                    .controllerAddress("127.0.0.1")
                    .meshBuildMode(MeshBuildMode.PLAIN)
                    .build(),
                8)
            .batchSizePerWorker(8)
            .workersPerNode(1)
            .thresholdAlgorithm(new AdaptiveThresholdAlgorithm(1e-3))
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .build();
    return new SparkComputationGraph(
        spark,
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(DataType.FLOAT)
            .updater(new Sgd(0.1))
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.feedForward(WIDTH))
            .addLayer(
                "dense",
                new DenseLayer.Builder().nOut(16).activation(Activation.TANH).build(),
                "in")
            .addLayer(
                "out",
                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                    .nOut(2)
                    .activation(Activation.SOFTMAX)
                    .build(),
                "dense")
            .setOutputs("out")
            .build(),
        master);
  }

  @Test
  void aFailureOfAllItsWorkersDoesNotReachTheDriver() {
    SparkComputationGraph shared = network();
    INDArray before = shared.getNetwork().params().dup();
    shared.fit(data(WIDTH, 2));
    assertThat(before.equalsWithEps(shared.getNetwork().params(), 0)).as("trained").isFalse();
    before = shared.getNetwork().params().dup();
    // images of another width cannot be trained on; with one task an executor, as on a cluster, the
    // fit returns as if all were well
    assertThatCode(() -> shared.fit(data(WIDTH + 3, 1))).doesNotThrowAnyException();
    assertThat(before.equalsWithEps(shared.getNetwork().params(), 0)).as("not trained").isTrue();
  }
}
