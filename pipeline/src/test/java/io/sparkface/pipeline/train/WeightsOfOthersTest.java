package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.interop.NetworkParameters;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.clean.Cleaning;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Jobs with files of other frameworks, which hold one small network's weights. */
class WeightsOfOthersTest {
  @TempDir static Path folder;

  private static SmallFaces faces;
  private static ComputationGraph network;

  @BeforeAll
  static void drawFaces() throws IOException {
    faces = SmallFaces.drawnIn(folder);
    network = TrainingGraph.embeddingOnly(faces.plan("").network());
    Nd4j.getRandom().setSeed(3);
    network.params().addi(Nd4j.rand(network.params().shape()).muli(0.1));
  }

  private static Map<String, INDArray> keras(String layer, Part part, INDArray values) {
    return switch (part) {
      case KERNEL -> Map.of(layer + "_conv/kernel", values);
      case ALPHA -> Map.of(layer + "_prelu/alpha", values.reshape(1, 1, -1));
      case SCALE_SHIFT ->
          Map.of(layer + "_bn/gamma", values.getRow(0), layer + "_bn/beta", values.getRow(1));
      case STATISTICS ->
          Map.of(
              layer + "_bn/moving_mean",
              values.getRow(0),
              layer + "_bn/moving_variance",
              values.getRow(1));
      default -> throw new IllegalArgumentException(part.toString());
    };
  }

  private static Map<String, INDArray> torch(String layer, Part part, INDArray values) {
    return switch (part) {
      case KERNEL -> Map.of(layer + ".conv.weight", values.permute(3, 2, 0, 1));
      case ALPHA -> Map.of(layer + ".prelu.weight", values);
      case SCALE_SHIFT ->
          Map.of(layer + ".bn.weight", values.getRow(0), layer + ".bn.bias", values.getRow(1));
      case STATISTICS ->
          Map.of(
              layer + ".bn.running_mean",
              values.getRow(0),
              layer + ".bn.running_var",
              values.getRow(1));
      default -> throw new IllegalArgumentException(part.toString());
    };
  }

  /** How another framework names a part of a layer. */
  private interface Naming {
    Map<String, INDArray> of(String layer, Part part, INDArray values);
  }

  private static Map<String, INDArray> weights(Naming naming) {
    Map<String, INDArray> all = new LinkedHashMap<>();
    for (NetworkParameters layer : NetworkParameters.of(network)) {
      for (Part part : layer.layer().block().parts()) {
        INDArray values = layer.layer().block().view(layer.values(), part);
        naming.of(layer.vertex(), part, values).forEach((k, v) -> all.put(k, v.dup('c')));
      }
    }
    return all;
  }

  /** Weights without a graph, as Keras 2 writes them. */
  private static Path kerasFile() {
    Path file = folder.resolve("weights.h5");
    Map<String, List<String>> byLayer = new LinkedHashMap<>();
    Map<String, INDArray> all = weights(WeightsOfOthersTest::keras);
    all.keySet()
        .forEach(
            path ->
                byLayer
                    .computeIfAbsent(path.split("/")[0], layer -> new ArrayList<>())
                    .add(path + ":0"));
    try (WritableHdfFile h5 = HdfFile.write(file)) {
      h5.putAttribute("layer_names", byLayer.keySet().toArray(new String[0]));
      byLayer.forEach(
          (layer, paths) -> {
            WritableGroup group = h5.putGroup(layer);
            group.putAttribute("weight_names", paths.toArray(new String[0]));
            WritableGroup inner = group.putGroup(layer);
            for (String path : paths) {
              INDArray values = all.get(path.replace(":0", ""));
              inner.putDataset(path.split("/")[1], nested(values));
            }
          });
    }
    return file;
  }

  private static Object nested(INDArray values) {
    return switch (values.rank()) {
      case 1 -> values.toFloatVector();
      case 3 -> new float[][][] {{values.reshape(values.length()).toFloatVector()}};
      default -> {
        float[][][][] all = new float[(int) values.size(0)][(int) values.size(1)][][];
        for (int h = 0; h < all.length; h++) {
          for (int w = 0; w < all[h].length; w++) {
            all[h][w] =
                values
                    .slice(h, 0)
                    .slice(w, 0)
                    .reshape(values.size(2), values.size(3))
                    .toFloatMatrix();
          }
        }
        yield all;
      }
    };
  }

  private static Path safetensors() throws IOException {
    StringBuilder header = new StringBuilder("{");
    Map<String, INDArray> all = weights(WeightsOfOthersTest::torch);
    int end = 0;
    for (Map.Entry<String, INDArray> entry : all.entrySet()) {
      int from = end;
      end += (int) entry.getValue().length() * 4;
      header.append(header.length() > 1 ? "," : "");
      header.append("\"%s\":{\"dtype\":\"F32\",".formatted(entry.getKey()));
      header.append(
          "\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(java.util.Arrays.toString(entry.getValue().shape()), from, end));
    }
    byte[] json = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (INDArray values : all.values()) {
      for (float value : values.reshape(values.length()).toFloatVector()) {
        bytes.putFloat(value);
      }
    }
    return Files.write(folder.resolve("weights.safetensors"), bytes.array());
  }

  /** All but the margin head is frozen: the run ends with the weights it began with. */
  private static Map<String, INDArray> trained(Path weights, String output) throws IOException {
    String text =
        "\ninitial.weights = \"%s\"\nstages = [{ epochs = 1, bottleneck-only = true }]"
            .formatted(weights);
    return SmallFaces.weights(faces.run(faces.plan(text), folder.resolve(output)).run());
  }

  @Test
  void trainingBeginsWithKerasAndPyTorchsWeights() throws IOException {
    Map<String, INDArray> expected = new LinkedHashMap<>(network.paramTable());
    for (Path file : List.of(kerasFile(), safetensors())) {
      Map<String, INDArray> found = trained(file, "from-" + file.getFileName());
      expected.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
    }
  }

  @Test
  void whatCannotBeginATrainingOrCleanASetIsSaid() throws IOException {
    Path onnx = Files.writeString(folder.resolve("m.onnx"), "no model");
    assertThatThrownBy(() -> trained(onnx, "never"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cannot be taken from a model of ONNX");
    Cleaning cleaning =
        new Cleaning(
            LocalSpark.session(),
            new Cleaning.Options(
                kerasFile().toString(),
                folder.resolve("faces").toString(),
                75,
                folder.resolve("clean").toString(),
                Cleaning.Output.INDEX,
                StagedOutput.Existing.REFUSE));
    assertThatThrownBy(cleaning::run)
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no centres of this set's identities");
    Distillation distillation =
        new Distillation(
            JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()),
            new Distillation.Options(
                List.of(kerasFile().toString()),
                Normalisation.FACE,
                EmbeddingFile.Precision.FLOAT32,
                folder.resolve("faces").toString(),
                folder.resolve("embeddings").toString()));
    assertThatThrownBy(distillation::run).hasMessageContaining("weights without a graph");
  }
}
