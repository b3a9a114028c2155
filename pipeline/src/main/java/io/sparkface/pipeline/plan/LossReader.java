package io.sparkface.pipeline.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.models.margin.AcrTrip;
import io.sparkface.models.margin.AdaFace;
import io.sparkface.models.margin.AirFace;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.ArcFaceSimple;
import io.sparkface.models.margin.CosFace;
import io.sparkface.models.margin.CurricularFace;
import io.sparkface.models.margin.MagFace;
import io.sparkface.models.margin.Margin;
import io.sparkface.models.margin.MarginLoss;
import io.sparkface.models.margin.MarginSoftmax;
import io.sparkface.models.margin.NormSoftmax;
import io.sparkface.models.margin.SoftmaxLoss;
import java.util.Map;

/**
 * Reads {@code loss = Name} or {@code loss = { name = Name, key = value }} of a stage; what it
 * leaves out comes from {@code losses.Name}.
 *
 * @param losses the plan's values of every loss
 */
record LossReader(Config losses) {
  private static final double MOST = 1e6;

  StageLoss read(Config stage) {
    ConfigValue value = stage.getValue("loss");
    Config own =
        value.valueType() == ConfigValueType.OBJECT
            ? ((ConfigObject) value).toConfig()
            : ConfigFactory.empty();
    if (value.valueType() == ConfigValueType.OBJECT && !own.hasPath("name")) {
      throw new UserError(
          "the loss has no name",
          value.origin().description(),
          "write loss = { name = ArcfaceLoss }");
    }
    String name = own.hasPath("name") ? own.getString("name") : stage.getString("loss");
    if (!losses.root().containsKey(name)) {
      throw new UserError(
          "there is no loss '" + name + "'",
          value.origin().description(),
          Nearest.advice(name, losses.root().keySet()));
    }
    Config known = losses.getConfig("\"" + name + "\"");
    for (String key : own.root().keySet()) {
      if (!key.equals("name") && !known.root().containsKey(key)) {
        throw new UserError(
            "loss " + name + " has no '" + key + "'",
            own.getValue(key).origin().description(),
            Nearest.advice(key, known.root().keySet()));
      }
    }
    // not withFallback: an object that once had text for a fallback takes no other
    Config values = known;
    for (Map.Entry<String, ConfigValue> entry : own.root().entrySet()) {
      values = values.withValue(entry.getKey(), entry.getValue());
    }
    if (new PlanValues(stage).number("scale", 0, MOST) > 0) {
      if (!known.root().containsKey("scale")) {
        throw PlanFile.wrong(stage, "scale", "is not for loss " + name + ", which has none");
      }
      values = values.withValue("scale", stage.getValue("scale"));
    }
    return loss(name, new PlanValues(values));
  }

  private static StageLoss loss(String name, PlanValues values) {
    return switch (name) {
      case "CategoricalCrossentropy" ->
          new StageLoss.OnLogits(name, new SoftmaxLoss.Plain(smoothing(values)));
      case "MarginSoftmax" ->
          new StageLoss.OnLogits(
              name,
              new MarginSoftmax(
                  values.number("power", 0, 100),
                  values.number("scale", 0, MOST),
                  values.number("scale-all", 0, MOST)));
      case "AdaCosLoss" ->
          new StageLoss.Adaptive(name, values.number("max-median", 0, Math.PI), smoothing(values));
      default ->
          new StageLoss.OnCosines(
              name,
              margin(name, values),
              smoothing(values),
              values.number("filter-above", -1, MarginLoss.NO_FILTER));
    };
  }

  private static double smoothing(PlanValues values) {
    return values.number("label-smoothing", 0, 0.999);
  }

  private static Margin margin(String name, PlanValues values) {
    double scale = values.number("scale", 1e-3, MOST);
    return switch (name) {
      case "NormSoftmax" -> new NormSoftmax(scale);
      case "ArcfaceLoss" ->
          new ArcFace(
              values.number("margin1", 1e-3, 10),
              values.number("margin2", 0, 3),
              values.number("margin3", 0, 2),
              scale);
      case "ArcfaceLossSimple" -> new ArcFaceSimple(values.number("margin", 0, 3), scale);
      case "CosFaceLoss" -> new CosFace(values.number("margin", 0, 2), scale);
      case "AirFaceLoss" -> new AirFace(values.number("margin", 0, 3), scale);
      case "AcrTripLoss" -> new AcrTrip(values.number("margin", 0, 3), scale);
      case "CurricularFaceLoss" ->
          new CurricularFace(
              values.number("margin", 0, 3), scale, values.number("hard-scale", -1, 1));
      case "MagFaceLoss" ->
          new MagFace(
              values.number("least-norm", 1e-3, MOST),
              values.number("most-norm", 1e-3, MOST),
              values.number("least-margin", 0, 3),
              values.number("most-margin", 0, 3),
              values.number("lambda", 0, MOST),
              values.flag("cosine-margin") ? MagFace.Kind.COSINE : MagFace.Kind.ANGLE,
              scale);
      case "AdaFaceLoss" ->
          new AdaFace(
              values.number("margin", 0, 3),
              values.number("h", 0, 100),
              values.number("share-of-batch", 0, 1),
              scale);
      default -> throw new IllegalArgumentException("reference.conf names an unread loss " + name);
    };
  }
}
