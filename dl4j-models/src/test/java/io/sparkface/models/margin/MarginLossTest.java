package io.sparkface.models.margin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.heads.Merge;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden values of spec, appendix A, and finite differences. */
class MarginLossTest {
  private static final double[][] COSINES = {
    {.7, .1, -.2, .3}, {.2, .5, .4, -.1}, {-.95, .05, 0, .6}
  };
  private static final int[] TARGETS = {0, 2, 0};
  private static final double[] NORMS = {5, 60, 200};

  private static final double LOGIT = 16;

  private static MarginLoss.Rows rows() {
    return new MarginLoss.Rows(SoftLabels.of(TARGETS), NORMS, new double[3]);
  }

  private static MarginLoss loss(Margin margin) {
    return MarginLoss.of(margin);
  }

  private static MagFace magFace(MagFace.Kind kind) {
    return new MagFace(10, 110, .45, .8, 35, kind, 16);
  }

  private static Stream<Arguments> golden() {
    return Stream.of(
        golden(
            loss(new ArcFace(1, .5, 0, 64)),
            "1.94999, 37.655533, 103.46215",
            "-24.65697, -23.18552, -12.39549"),
        golden(
            loss(new ArcFace(1, .5, 0, 16)),
            "0.967495, 9.422227, 25.865757",
            "-4.45553, -5.79591, -3.09887"),
        golden(
            loss(new ArcFaceSimple(.5, 16)),
            "0.967495, 9.422227, 25.865757",
            "-4.45553, -5.79591, -3.09887"),
        golden(
            new MarginLoss(new ArcFace(1, .5, 0, 16), .1, MarginLoss.NO_FILTER),
            "1.21381, 9.076185, 24.38584",
            "-3.91653, -5.36118, -2.86646"),
        golden(
            loss(new ArcFace(1, .3, .2, 16)),
            "1.114716, 9.427771, 28.797752",
            "-4.46204, -5.78253, -0.29992"),
        golden(
            loss(new ArcFace(1.35, 0, 0, 16)),
            "0.059696, 7.916325, 29.067533",
            "-0.51356, -7.85285, -14.33435"),
        golden(
            loss(new CosFace(.35, 16)),
            "0.383762, 7.209003, 30.40022",
            "-1.69977, -5.32939, -5.33333"),
        golden(
            loss(new ArcFace(1, 0, .35, 16)),
            "0.383762, 7.209003, 30.40022",
            "-1.69977, -5.32939, -5.33333"),
        golden(
            loss(new NormSoftmax(16)),
            "0.001728, 1.790781, 24.800219",
            "-0.00921, -4.44357, -5.33333"),
        golden(
            loss(new AirFace(.4, 16)),
            "1.325357, 7.891327, 26.439941",
            "-3.4911, -3.7032, -10.87368"),
        golden(
            loss(new CurricularFace(.5, 16, 0)),
            "0.112397, 5.459766, 22.036718",
            "-0.76403, -5.77172, -3.09887"),
        golden(
            loss(magFace(MagFace.Kind.ANGLE)),
            "4.09413, 12.155005, 25.436583",
            "-3.05522, -5.68698, -5.33333"),
        golden(
            loss(magFace(MagFace.Kind.COSINE)),
            "4.727988, 12.36516, 38.23658",
            "-3.72546, -5.33328, -5.33333"),
        golden(
            loss(new AdaFace(.4, .333, .01, 16)),
            "0.667787, 8.088872, 32.28845",
            "-2.64997, -5.2007, -7.0303"),
        golden(
            loss(new AdaCos(4, Math.PI / 4)),
            "0.644991, 1.180443, 3.643432",
            "-0.31997, -0.4664, -0.65554"));
  }

  private static Arguments golden(MarginLoss loss, String losses, String gradients) {
    return Arguments.of(loss, digits(losses), digits(gradients));
  }

  private static List<BigDecimal> digits(String text) {
    return Stream.of(text.split(", ")).map(BigDecimal::new).toList();
  }

  /**
   * To the digits given: within half a unit of the last, and the original's single precision of the
   * logits.
   */
  private static void assertDigits(double found, BigDecimal given) {
    double value = given.doubleValue();
    double allowed =
        given.ulp().doubleValue() / 2 + Math.ulp(1f) * Math.max(Math.abs(value), LOGIT);
    assertThat(found).isCloseTo(value, within(allowed));
  }

  private static void assertDigits(double[] found, String given) {
    List<BigDecimal> expected = digits(given);
    assertThat(found).hasSize(expected.size());
    for (int i = 0; i < found.length; i++) {
      assertDigits(found[i], expected.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void lossesAndTargetGradientsAreTheOriginals(
      MarginLoss loss, List<BigDecimal> losses, List<BigDecimal> gradients) {
    INDArray z = Nd4j.createFromArray(COSINES);
    MarginLoss.Result result = loss.overwrite(z, rows(), loss.margin().initialState());
    for (int i = 0; i < 3; i++) {
      assertDigits(result.losses()[i], losses.get(i));
      assertDigits(z.getDouble(i, TARGETS[i]) / 3, gradients.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void floatsAreCloseToDoubles(
      MarginLoss loss, List<BigDecimal> losses, List<BigDecimal> gradients) {
    INDArray z = Nd4j.createFromArray(COSINES).castTo(DataType.FLOAT);
    MarginLoss.Result result = loss.overwrite(z, rows(), loss.margin().initialState());
    for (int i = 0; i < 3; i++) {
      double expected = losses.get(i).doubleValue();
      assertThat(result.losses()[i]).isCloseTo(expected, within(3e-5 * Math.max(expected, 1)));
      assertThat(z.getDouble(i, TARGETS[i]) / 3)
          .isCloseTo(gradients.get(i).doubleValue(), within(1e-4));
    }
  }

  @Test
  void gradientsReachTheNorms() {
    double[] angle = normGradients(MagFace.Kind.ANGLE);
    assertThat(angle[0]).isZero();
    // the original's column is the negative norm
    assertDigits(-angle[1] / 3, new BigDecimal("-0.01597"));
    assertThat(angle[2]).isZero();
    assertDigits(-normGradients(MagFace.Kind.COSINE)[1] / 3, new BigDecimal("-0.01639"));
  }

  private static double[] normGradients(MagFace.Kind kind) {
    return loss(magFace(kind))
        .overwrite(Nd4j.createFromArray(COSINES), rows(), LossState.EMPTY)
        .byNorm();
  }

  @Test
  void bothClassesOfAMixedImageGetTheMargin() {
    SoftLabels mixed =
        new SoftLabels(new int[] {0, 2, 0}, new int[] {1, 2, 3}, new double[] {.7, 1, 1});
    double[] losses =
        loss(new ArcFace(1, .5, 0, 16))
            .overwrite(
                Nd4j.createFromArray(COSINES),
                new MarginLoss.Rows(mixed, NORMS, new double[3]),
                LossState.EMPTY)
            .losses();
    assertDigits(losses, "4.116661, 9.422227, 25.865757");
  }

  @Test
  void curricularFaceMovesItsScaleBeforeUse() {
    MarginLoss loss = loss(new CurricularFace(.5, 16, 0));
    LossState first = step(loss, loss.margin().initialState()).next();
    assertThat(first.get(CurricularFace.HARD_SCALE)).isCloseTo(.0005, within(1e-12));
    MarginLoss.Result second = step(loss, first);
    assertThat(second.next().get(CurricularFace.HARD_SCALE)).isCloseTo(.000995, within(1e-12));
    assertDigits(second.losses(), "0.112513, 5.463616, 22.041441");
  }

  @Test
  void adaFaceMovesItsStatisticsBeforeUse() {
    MarginLoss loss = loss(new AdaFace(.4, .333, .01, 16));
    LossState first = step(loss, loss.margin().initialState()).next();
    assertDigits(first.get(AdaFace.MEAN), new BigDecimal("20.35"));
    assertDigits(first.get(AdaFace.DEVIATION), new BigDecimal("99.476967"));
    MarginLoss.Result second = step(loss, first);
    assertDigits(second.next().get(AdaFace.MEAN), new BigDecimal("20.696499"));
    assertDigits(second.next().get(AdaFace.DEVIATION), new BigDecimal("98.959167"));
    assertDigits(second.losses(), "0.666573, 8.088552, 32.28931");
  }

  @Test
  void adaCosMovesItsScaleBeforeUse() {
    AdaCos margin = new AdaCos(4, Math.PI / 4);
    assertDigits(margin.scale(margin.initialState()), new BigDecimal("1.553672"));
    LossState next = step(loss(margin), margin.initialState()).next();
    assertDigits(margin.scale(next), new BigDecimal("2.019464"));
  }

  private static MarginLoss.Result step(MarginLoss loss, LossState state) {
    return loss.overwrite(Nd4j.createFromArray(COSINES), rows(), state);
  }

  /** Moving averages of halves of a batch, merged, are the moving average of the batch. */
  @Test
  void mergingCurricularFaceIsTrainingOnTheWholeBatch() {
    CurricularFace margin = new CurricularFace(.5, 16, .3);
    LossState before = margin.initialState();
    LossState one = margin.next(before, new CosineBatch(null, new double[] {.2, .6}, null));
    LossState two = margin.next(before, new CosineBatch(null, new double[] {-.1, .9}, null));
    LossState whole =
        margin.next(before, new CosineBatch(null, new double[] {.2, .6, -.1, .9}, null));
    INDArray merged = Merge.MEAN.of(array(before), List.of(array(one), array(two)));
    assertThat(before.readFrom(merged).get(CurricularFace.HARD_SCALE))
        .isCloseTo(whole.get(CurricularFace.HARD_SCALE), within(1e-15));
  }

  private static INDArray array(LossState state) {
    INDArray array = Nd4j.create(DataType.DOUBLE, state.values().size());
    state.writeTo(array);
    return array;
  }

  private static Stream<MarginLoss> losses() {
    return Stream.concat(
        golden().map(arguments -> (MarginLoss) arguments.get()[0]),
        Stream.of(
            loss(new AcrTrip(.5, 16)),
            new MarginLoss(new CurricularFace(.5, 16, .4), .1, MarginLoss.NO_FILTER),
            new MarginLoss(new CosFace(.35, 16), 0, .45)));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void gradientsAreThoseOfFiniteDifferences(MarginLoss loss) {
    Random random = new Random(5);
    double[][] z = new double[6][5];
    for (double[] row : z) {
      for (int j = 0; j < row.length; j++) {
        row[j] = random.nextDouble() * 1.96 - .98;
      }
    }
    compare(loss, z, 1e-6, 2e-5);
  }

  /** Within 1e-7 of the corner and exactly on it, where the bare formulas are infinite. */
  @ParameterizedTest
  @MethodSource("losses")
  void gradientsAreThoseOfFiniteDifferencesInTheCorners(MarginLoss loss) {
    double near = 1 - 1e-8;
    compare(
        loss,
        new double[][] {
          {1, -1, 0, .5, 1},
          {-1, 1, -1, -1, .3},
          {near, -near, .2, near, -1},
          {-near, near, 1, -.4, .6},
          {.3, 1, -1, 1, -near},
          {-1, -1, -1, -1, -1}
        },
        1e-9,
        1e-3);
  }

  private static void compare(MarginLoss loss, double[][] z, double step, double tolerance) {
    MarginLoss.Rows rows =
        new MarginLoss.Rows(
            new SoftLabels(
                new int[] {0, 1, 2, 3, 4, 0},
                new int[] {0, 1, 2, 1, 4, 2},
                new double[] {1, 1, 1, .6, 1, .3}),
            new double[] {5, 60, 200, 40, 90, 22},
            new double[] {0, .2, 0, .1, .4, 0});
    LossState state = loss.margin().initialState();
    INDArray gradient = Nd4j.createFromArray(z);
    MarginLoss.Result result = loss.overwriteAt(gradient, rows, state);
    for (int i = 0; i < z.length; i++) {
      for (int j = 0; j < z[i].length; j++) {
        double at = z[i][j];
        z[i][j] = at + step;
        double above = sum(loss, z, rows, state);
        z[i][j] = at - step;
        double below = sum(loss, z, rows, state);
        z[i][j] = at;
        assertThat(gradient.getDouble(i, j))
            .as("%s, row %d, class %d", loss, i, j)
            .isCloseTo((above - below) / (2 * step), within(tolerance));
      }
      if (!(loss.margin() instanceof AdaFace)) {
        double difference = difference(loss, z, rows, rows.norms(), i, state);
        assertThat(result.byNorm()[i]).isCloseTo(difference, within(1e-4));
      }
      double difference = difference(loss, z, rows, rows.hardness(), i, state);
      assertThat(result.byHardness()[i]).isCloseTo(difference, within(1e-4));
    }
  }

  private static double difference(
      MarginLoss loss, double[][] z, MarginLoss.Rows rows, double[] moved, int i, LossState state) {
    double at = moved[i];
    moved[i] = at + 1e-6;
    double above = sum(loss, z, rows, state);
    moved[i] = at - 1e-6;
    double below = sum(loss, z, rows, state);
    moved[i] = at;
    return (above - below) / 2e-6;
  }

  private static double sum(MarginLoss loss, double[][] z, MarginLoss.Rows rows, LossState state) {
    return DoubleStream.of(loss.overwriteAt(Nd4j.createFromArray(z), rows, state).losses()).sum();
  }

  private static Stream<Margin> margins() {
    return losses().map(MarginLoss::margin).distinct();
  }

  @ParameterizedTest
  @MethodSource("margins")
  void closedFormAndGraphAgree(Margin margin) {
    double[] cosines = {.999999, .9, .31, 0, -.4, -.87, -.93, -.999999};
    double[] norms = {3, 20, 45, 60, 88, 99, 120, 7};
    double limit = margin.limit();
    LossState state = margin.initialState();
    SameDiff graph = SameDiff.create();
    SDVariable c = graph.var("c", Nd4j.createFromArray(cosines).reshape(-1, 1));
    SDVariable n = graph.var("n", Nd4j.createFromArray(norms).reshape(-1, 1));
    SDVariable clipped = graph.math().clipByValue(c, -Math.min(limit, 2), Math.min(limit, 2));
    SDVariable phi = margin.target(graph, clipped, n, state);
    phi.rename("phi");
    // the norms need to reach the sum for their gradient to exist
    SDVariable sum = graph.getVariable("phi").sum().add(n.sum().mul(0));
    sum.rename("sum");
    graph.setLossVariables("sum");
    INDArray values = graph.outputSingle(null, "phi");
    Map<String, INDArray> gradients = graph.calculateGradients(null, "c", "n");
    for (int i = 0; i < cosines.length; i++) {
      double at = Math.min(Math.max(cosines[i], -limit), limit);
      Margin.TargetLogit expected = margin.target(at, norms[i], state);
      assertThat(values.getDouble(i)).isCloseTo(expected.value(), within(1e-9));
      if (at == cosines[i]) {
        assertThat(gradients.get("c").getDouble(i))
            .isCloseTo(
                expected.byCosine(), within(1e-6 * Math.max(1, Math.abs(expected.byCosine()))));
      }
      if (!(margin instanceof AdaFace)) {
        assertThat(gradients.get("n").getDouble(i)).isCloseTo(expected.byNorm(), within(1e-9));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("margins")
  void comesBackFromJson(Margin margin) throws Exception {
    String json = JsonMappers.getMapper().writerFor(Margin.class).writeValueAsString(margin);
    assertThat(JsonMappers.getMapper().readValue(json, Margin.class)).isEqualTo(margin);
  }

  @Test
  void similarStrangersAreLeftOut() {
    INDArray z = Nd4j.createFromArray(COSINES);
    MarginLoss.Result filtered =
        new MarginLoss(new NormSoftmax(16), 0, .45).overwrite(z, rows(), LossState.EMPTY);
    INDArray expected =
        Nd4j.createFromArray(
            new double[][] {{.7, .1, -.2, .3}, {.2, 0, .4, -.1}, {-.95, .05, 0, 0}});
    double[] losses = step(expected);
    assertThat(filtered.losses()).containsExactly(losses, within(1e-12));
    assertThat(z.getDouble(1, 1)).isZero();
    assertThat(z.getDouble(2, 3)).isZero();
    assertThat(z.getDouble(0, 0)).isNotZero();
  }

  private static double[] step(INDArray cosines) {
    return loss(new NormSoftmax(16)).overwrite(cosines, rows(), LossState.EMPTY).losses();
  }
}
