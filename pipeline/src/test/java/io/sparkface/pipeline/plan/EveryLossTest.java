package io.sparkface.pipeline.plan;

import com.typesafe.config.ConfigFactory;
import io.sparkface.models.heads.FiniteDifferences;
import io.sparkface.models.heads.Head;
import io.sparkface.models.margin.ClassSampling;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The gradients of every loss a plan can name against finite differences in double, as the plan
 * builds it: at random, and where cosines are 1 and -1 to the last bit.
 */
class EveryLossTest {
  private static final int WIDTH = 3;
  private static final int CLASSES = 4;

  /**
   * Their state is a function of the batch that no gradient goes through, so that differences of
   * the whole are something else. {@code MarginLossTest} compares them at a state that is held.
   */
  private static final Set<String> FOLLOW_THE_BATCH =
      Set.of("CurricularFaceLoss", "AdaFaceLoss", "AdaCosLoss");

  private static Stream<String> names() {
    return ConfigFactory.parseResources("reference.conf")
        .getConfig("sparkface.losses")
        .root()
        .keySet()
        .stream()
        .filter(name -> !FOLLOW_THE_BATCH.contains(name))
        .sorted();
  }

  private static Head head(String loss) {
    StageLoss read =
        PlanFile.parse(
                "stages = [{ loss = %s, mine = %d }]".formatted(loss, offline(loss) ? 1 : 0),
                "plan.conf",
                List.of())
            .plan()
            .stages()
            .get(0)
            .loss();
    return read.head(
        new StageLoss.Shape(
            WIDTH, CLASSES, 1, new ClassSampling.All(), Optional.empty(), teacherWidth(read)));
  }

  private static boolean offline(String loss) {
    return loss.startsWith("Offline");
  }

  private static int teacherWidth(StageLoss loss) {
    return loss.kind() == StageLoss.Kind.CLASSES ? CLASSES : WIDTH;
  }

  /** Teachers' values, or classes of triplets and pairs: a, a, b, b, c, c; mined: a, p, n. */
  private static INDArray labels(String loss, Head head, double[][] teacher) {
    return switch (head.labels()) {
      case TEACHER -> Nd4j.createFromArray(teacher);
      case CLASSES ->
          offline(loss)
              ? Nd4j.createFromArray(new double[][] {{0}, {0}, {1}, {1}, {1}, {2}})
              : Nd4j.createFromArray(new double[][] {{0}, {0}, {1}, {1}, {2}, {2}});
    };
  }

  private static double[][] normal(Random random, int rows, int columns) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("names")
  void anywhere(String loss) {
    Random random = new Random(11);
    Head head = head(loss);
    // MagFace's margin follows lengths from 10 on
    INDArray x = Nd4j.createFromArray(normal(random, 6, WIDTH)).muli(15);
    double[][] teacher = normal(random, 6, teacherWidth(head));
    FiniteDifferences.ofFirstValues(
            head, x, labels(loss, head, teacher), shape -> normal(random, shape))
        .compare();
  }

  private static INDArray normal(Random random, long[] shape) {
    return Nd4j.createFromArray(normal(random, (int) shape[0], (int) shape[1]));
  }

  private static int teacherWidth(Head head) {
    return (int) head.getNOut();
  }

  /** Each embedding lies on one line with every centre and every other face. */
  @ParameterizedTest
  @MethodSource("names")
  void whereCosinesAreOneAndMinusOne(String loss) {
    Head head = head(loss);
    INDArray x =
        Nd4j.createFromArray(
            new double[][] {
              {16, 0, 0}, {-20, 0, 0}, {23, 0, 0}, {-28, 0, 0}, {33, 0, 0}, {38, 0, 0}
            });
    double[][] teacher = new double[6][teacherWidth(head)];
    for (int i = 0; i < 6; i++) {
      teacher[i][0] = i % 3 == 0 ? 1 : -1;
    }
    FiniteDifferences.ofFirstValues(head, x, labels(loss, head, teacher), EveryLossTest::onTheLine)
        .compare();
  }

  /** Weights [D, classes], centres [classes, D]: the first axis, up and down. */
  private static INDArray onTheLine(long[] shape) {
    INDArray values = Nd4j.zeros(org.nd4j.linalg.api.buffer.DataType.DOUBLE, shape);
    if (shape[0] == WIDTH) {
      for (int column = 0; column < shape[1]; column++) {
        values.putScalar(0, column, column % 2 == 0 ? 2 : -3);
      }
    } else {
      for (int row = 0; row < shape[0]; row++) {
        values.putScalar(row, 0, row % 2 == 0 ? 2 : -3);
      }
    }
    return values;
  }
}
