package io.sparkface.models.interop.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import onnx.OnnxMl.AttributeProto;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.NodeProto;
import org.junit.jupiter.api.Test;

/** Damaged and hostile bytes, and what is done to a model that could be read. */
class OnnxModelTest {
  private static OnnxModel model() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 4).withInput(32, 32);
    return NetworkExport.of(
        NetworkExportTest.network(spec), spec, PixelInput.NORMALISED, Optional.empty());
  }

  @Test
  void damagedModelsAreRefusedOrConverted() {
    byte[] whole = model().bytes();
    Random random = new Random(5);
    for (int i = 0; i < 60; i++) {
      byte[] damaged =
          i % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int hits = 1 + random.nextInt(30); hits > 0 && damaged.length > 0; hits--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      bytesGiveAModelOrAUserError(damaged);
    }
    assertThat(OnnxModel.read(whole, "m.onnx").operators()).containsKey("Conv");
  }

  @Test
  void graphsWithinGraphsEndSomewhere() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addNode(NodeProto.newBuilder().setOpType("Relu").addOutput("y"));
    for (int depth = 0; depth < 20; depth++) {
      GraphProto inner = graph.build();
      graph =
          GraphProto.newBuilder()
              .addNode(
                  NodeProto.newBuilder()
                      .setOpType("If")
                      .addOutput("y")
                      .addAttribute(AttributeProto.newBuilder().setName("then").setG(inner)));
    }
    OnnxModel deep = new OnnxModel(onnx.OnnxMl.ModelProto.newBuilder().setGraph(graph).build());
    assertThatThrownBy(() -> OnnxModel.read(deep.bytes(), "deep.onnx"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("more than 16 deep");
  }

  @Test
  void weightsOfAnotherSizeThanTheirShapeAreRefusedByName() {
    OnnxGraph graph = new OnnxGraph("g");
    String kernel = graph.weights("kernel", new float[] {1, 2, 3}, 2, 1, 1, 1);
    graph.output(graph.add("Conv", "y", List.of(graph.input("x", 1, 1, 1, 1), kernel)), 1);
    byte[] bytes = graph.model().bytes();
    assertThatThrownBy(() -> OnnxModel.read(bytes, "cut.onnx"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'kernel' has more or fewer values");
  }

  /** CVE-2024-7254 was about such: groups within groups, of a field that no message has. */
  @Test
  void nestingWithoutEndIsRefused() {
    byte[] groups = new byte[1_000_000];
    Arrays.fill(groups, (byte) (15 << 3 | 3));
    assertThatThrownBy(() -> OnnxModel.read(groups, "nested.onnx")).isInstanceOf(UserError.class);
  }

  /** Reading, and all rewriting that does not run the network. */
  @FuzzTest(maxDuration = "10s")
  void bytesGiveAModelOrAUserError(byte[] bytes) {
    try {
      OnnxModel model = OnnxModel.read(bytes, "fuzz");
      OnnxModel folded = BatchNormFolding.of(model);
      Int8.weightsOf(folded, "fuzz");
      Float16.of(folded, "fuzz");
    } catch (UserError expected) {
      // the only way to fail
    }
  }
}
