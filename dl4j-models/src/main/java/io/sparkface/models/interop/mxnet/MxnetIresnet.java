package io.sparkface.models.interop.mxnet;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.mxnet.Symbol.Node;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The weights of insightface's LResNet-E-IR networks (its model zoo's {@code r18} to {@code r100},
 * {@code version_unit=3}, {@code version_output=E}) under the names arcface_torch gives the same
 * network, {@code iresnet18} to {@code iresnet100}:
 *
 * <pre>
 * conv0, bn0, relu0                        conv1, bn1, prelu
 * stageI_unitJ_{bn1,conv1,bn2,relu1}       layerI.(J-1).{bn1,conv1,bn2,prelu}
 * stageI_unitJ_{conv2,bn3,conv1sc,sc}      layerI.(J-1).{conv2,bn3,downsample.0,downsample.1}
 * bn1, pre_fc1, fc1                        bn2, fc, features
 * </pre>
 *
 * A normalisation with {@code fix_gamma} scales by 1, whatever its array holds. The networks add
 * 2e-5 to variances and arcface_torch's 1e-5: the difference goes into the variance.
 */
public final class MxnetIresnet {
  private static final double EPSILON = 1e-5;
  private static final Pattern ARRAY =
      Pattern.compile("(?:arg|aux):(\\w+?)_(weight|bias|gamma|beta|moving_mean|moving_var)");
  private static final Pattern UNIT = Pattern.compile("stage([1-4])_unit(\\d{1,3})_(\\w+)");
  private static final Map<String, String> OUTSIDE =
      Map.of(
          "conv0", "conv1",
          "bn0", "bn1",
          "relu0", "prelu",
          "bn1", "bn2",
          "pre_fc1", "fc",
          "fc1", "features");
  private static final Map<String, String> INSIDE =
      Map.of(
          "bn1", "bn1",
          "conv1", "conv1",
          "bn2", "bn2",
          "relu1", "prelu",
          "conv2", "conv2",
          "bn3", "bn3",
          "conv1sc", "downsample.0",
          "sc", "downsample.1");
  private static final Map<String, String> PARTS =
      Map.of(
          "weight", "weight",
          "bias", "bias",
          "gamma", "weight",
          "beta", "bias",
          "moving_mean", "running_mean",
          "moving_var", "running_var");

  private final Map<String, Node> normalisations = new HashMap<>();
  private final String where;

  private MxnetIresnet(Symbol symbol, String where) {
    this.where = where;
    for (Node node : symbol.nodes()) {
      if (node.op().equals("BatchNorm")) {
        normalisations.put(node.name(), node);
      }
    }
  }

  /**
   * The arrays as a state dict of arcface_torch.
   *
   * @param symbol content of {@code prefix-symbol.json}
   * @param params content of {@code prefix-0000.params}
   * @throws UserError when a file is damaged, or naming an array that is not of such a network
   */
  public static Map<String, Tensor> state(byte[] symbol, byte[] params, String where) {
    MxnetIresnet network = new MxnetIresnet(Symbol.read(symbol, where), where);
    Map<String, Tensor> state = new LinkedHashMap<>();
    ParamsFile.read(params, where).forEach((name, values) -> network.add(name, values, state));
    return state;
  }

  private void add(String name, Tensor values, Map<String, Tensor> state) {
    Matcher array = ARRAY.matcher(name);
    if (!array.matches()) {
      throw unknown(name);
    }
    String layer = layer(array.group(1)).orElseThrow(() -> unknown(name));
    String part = array.group(2);
    Node normalisation = normalisations.get(array.group(1));
    state.put(
        layer + "." + PARTS.get(part),
        normalisation == null ? values : adjusted(values, part, normalisation));
  }

  private static Optional<String> layer(String name) {
    Matcher unit = UNIT.matcher(name);
    if (!unit.matches()) {
      return Optional.ofNullable(OUTSIDE.get(name));
    }
    int block = Integer.parseInt(unit.group(2)) - 1;
    return Optional.ofNullable(INSIDE.get(unit.group(3)))
        .map(inner -> "layer" + unit.group(1) + "." + block + "." + inner);
  }

  private static Tensor adjusted(Tensor values, String part, Node normalisation) {
    float[] changed = values.values().clone();
    if (part.equals("gamma") && normalisation.flag("fix_gamma", true)) {
      Arrays.fill(changed, 1);
    }
    if (part.equals("moving_var")) {
      double difference = normalisation.real("eps", 1e-3) - EPSILON;
      for (int i = 0; i < changed.length; i++) {
        changed[i] = (float) (changed[i] + difference);
      }
    }
    return new Tensor(values.shape(), changed);
  }

  private UserError unknown(String name) {
    return new UserError(
        "the array '" + name + "' is of no LResNet-E-IR of insightface",
        where,
        "name such a network, or use the model as a teacher");
  }
}
