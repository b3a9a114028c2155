package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitialCentresTest {
  private static final int CLASSES = 4;
  private static final int WIDTH = 16;

  @TempDir Path folder;

  /** As numpy.save writes an array of double precision. */
  private Path npy(int rows, double fill) throws IOException {
    byte[] header =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }\n"
            .formatted(rows, WIDTH)
            .getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer file =
        ByteBuffer.allocate(10 + header.length + 8 * rows * WIDTH).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) header.length).put(header);
    for (int i = 0; i < rows * WIDTH; i++) {
      file.putDouble(fill + i);
    }
    return Files.write(folder.resolve("centres.npy"), file.array());
  }

  /** With alpha 0 centres stay where they began. */
  private TrainPlan plan(SmallFaces faces, Path centres) {
    return faces.plan(
        """
        stages = [{
          centre = 1e-6, centre-loss = { name = CenterLoss, alpha = 0, initial-file = "%s" }
        }]
        """
            .formatted(centres));
  }

  @Test
  void aRunBeginsWithThem() throws IOException {
    SmallFaces faces = SmallFaces.drawnIn(folder);
    TrainingRun.Result result =
        faces.run(plan(faces, npy(CLASSES, .5)), folder.resolve("run")).run();
    assertThat(result.history().get("loss")).allMatch(Double::isFinite);
    float[] centres =
        SmallFaces.weights(result).get(TrainingGraph.CLASS_CENTRES).reshape(-1).toFloatVector();
    assertThat(centres).hasSize(CLASSES * WIDTH);
    for (int i = 0; i < centres.length; i++) {
      assertThat(centres[i]).isEqualTo(i + .5f);
    }
    Map<String, Double> wrong = Map.of("are [5, 16]", .5, "value NaN", Double.NaN);
    wrong.forEach(
        (problem, fill) ->
            assertThatThrownBy(
                    () ->
                        faces
                            .run(
                                plan(faces, npy(Double.isNaN(fill) ? CLASSES : 5, fill)),
                                folder.resolve("other"))
                            .run())
                .isInstanceOf(UserError.class)
                .hasMessageContaining(problem)
                .hasMessageContaining("centres.npy"));
    assertThatThrownBy(() -> faces.run(plan(faces, folder.resolve("none.npy")), folder))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("none.npy");
  }
}
