package io.sparkface.models.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class DistillationHeadTest {
  /** Golden values of spec, appendix A: .111117 and .292905. */
  @Test
  void lossIsTheOriginals() {
    SameDiff graph = SameDiff.create();
    SDVariable teacher =
        graph.constant("t", Nd4j.createFromArray(new double[][] {{1, 2, 2}, {0, 1, 0}}));
    SDVariable student =
        graph.constant("s", Nd4j.createFromArray(new double[][] {{2, 1, 2}, {1, 1, 0}}));
    SDVariable loss =
        DistillationHead.cosine(3, 3, 2)
            .defineLayer(
                graph,
                student,
                teacher,
                Map.of("W", graph.constant("w", Nd4j.eye(3).castTo(DataType.DOUBLE))));
    assertThat(loss.eval().getDouble(0)).isCloseTo(2 * (.111117 + .292905), within(2e-6));
  }
}
