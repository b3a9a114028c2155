package io.sparkface.pipeline.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.models.auxiliary.CentreHead;
import io.sparkface.models.auxiliary.DistillationHead;
import io.sparkface.models.auxiliary.TripletHead;
import io.sparkface.models.auxiliary.TripletLoss;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code loss = Name} or {@code loss = { name = Name, key = value }} of a stage, and the
 * losses beside it; what they leave out comes from {@code losses.Name}.
 *
 * @param losses the plan's values of every loss
 */
record LossReader(Config losses) {
  private static final double MOST = 1e6;

  /** The losses of a stage, the main one first. */
  List<WeightedLoss> all(Config stage) {
    PlanValues values = new PlanValues(stage);
    List<WeightedLoss> all = new ArrayList<>();
    all.add(new WeightedLoss(main(stage), values.number("loss-weight", 1e-9, MOST)));
    beside(stage, "centre", StageLoss.Kind.CENTRES).ifPresent(all::add);
    beside(stage, "triplet", StageLoss.Kind.TRIPLETS).ifPresent(all::add);
    beside(stage, "distill", StageLoss.Kind.TEACHER).ifPresent(all::add);
    for (WeightedLoss other : all.subList(1, all.size())) {
      if (other.loss().kind() == all.get(0).loss().kind()) {
        throw PlanFile.wrong(
            stage,
            "loss",
            "is "
                + all.get(0).loss().name()
                + ", and "
                + other.loss().name()
                + ", which is of its kind, stands beside it");
      }
    }
    return all;
  }

  private Optional<WeightedLoss> beside(Config stage, String key, StageLoss.Kind kind) {
    double weight = new PlanValues(stage).number(key, 0, MOST);
    if (weight == 0) {
      return Optional.empty();
    }
    StageLoss loss = read(stage, key + "-loss");
    if (loss.kind() != kind) {
      throw PlanFile.wrong(stage, key + "-loss", "cannot be " + loss.name());
    }
    return Optional.of(new WeightedLoss(loss, weight));
  }

  private StageLoss main(Config stage) {
    if (new PlanValues(stage).number("scale", 0, MOST) == 0) {
      return read(stage, "loss");
    }
    String name = name(stage, "loss");
    if (!losses.getConfig("\"" + name + "\"").root().containsKey("scale")) {
      throw PlanFile.wrong(stage, "scale", "is not for loss " + name + ", which has none");
    }
    Config values = values(stage, "loss").withValue("scale", stage.getValue("scale"));
    return loss(name, new PlanValues(values));
  }

  private StageLoss read(Config stage, String key) {
    return loss(name(stage, key), new PlanValues(values(stage, key)));
  }

  private static Config own(Config stage, String key) {
    ConfigValue value = stage.getValue(key);
    return value.valueType() == ConfigValueType.OBJECT
        ? ((ConfigObject) value).toConfig()
        : ConfigFactory.empty();
  }

  private String name(Config stage, String key) {
    ConfigValue value = stage.getValue(key);
    Config own = own(stage, key);
    if (value.valueType() == ConfigValueType.OBJECT && !own.hasPath("name")) {
      throw new UserError(
          "the loss has no name",
          value.origin().description(),
          "write " + key + " = { name = " + losses.root().keySet().iterator().next() + " }");
    }
    String name = own.hasPath("name") ? own.getString("name") : new PlanValues(stage).text(key);
    if (!losses.root().containsKey(name)) {
      throw new UserError(
          "there is no loss '" + name + "'",
          value.origin().description(),
          Nearest.advice(name, losses.root().keySet()));
    }
    return name;
  }

  private Config values(Config stage, String key) {
    String name = name(stage, key);
    Config own = own(stage, key);
    Config values = losses.getConfig("\"" + name + "\"");
    for (String given : own.root().keySet()) {
      if (!given.equals("name") && !values.root().containsKey(given)) {
        throw new UserError(
            "loss " + name + " has no '" + given + "'",
            own.getValue(given).origin().description(),
            Nearest.advice(given, values.root().keySet()));
      }
    }
    // not withFallback: an object that once had text for a fallback takes no other
    for (Map.Entry<String, ConfigValue> entry : own.root().entrySet()) {
      values = values.withValue(entry.getKey(), entry.getValue());
    }
    return values;
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
      case "CenterLoss" -> centre(name, values, CentreHead.Distance.EUCLIDEAN);
      case "CenterLossCosine" -> centre(name, values, CentreHead.Distance.COSINE);
      case "BatchHardTripletLoss" -> triplet(name, values, TripletLoss.BATCH_HARD);
      case "ArcBatchHardTripletLoss" -> triplet(name, values, TripletLoss.ARC_BATCH_HARD);
      case "BatchHardTripletLossEuclidean" ->
          triplet(name, values, TripletLoss.BATCH_HARD_EUCLIDEAN);
      case "BatchHardTripletLossEuclideanAutoAlpha" ->
          new StageLoss.Triplet(
              name,
              TripletLoss.BATCH_HARD_EUCLIDEAN,
              values.number("alpha", 0, 100),
              TripletHead.Alpha.OF_MEAN_DISTANCE);
      case "BatchAllTripletLoss" -> triplet(name, values, TripletLoss.BATCH_ALL);
      case "OfflineTripletLoss" -> triplet(name, values, TripletLoss.OFFLINE);
      case "OfflineArcTripletLoss" -> triplet(name, values, TripletLoss.OFFLINE_ARC);
      case "DistillCosineLoss" ->
          new StageLoss.Distillation(name, DistillationHead.Distance.COSINE);
      case "DistillEuclideanLoss" ->
          new StageLoss.Distillation(name, DistillationHead.Distance.EUCLIDEAN);
      case "DistillKLDivergenceLoss" ->
          new StageLoss.OfClasses(name, values.number("scale", 1e-3, MOST));
      default ->
          new StageLoss.OnCosines(
              name,
              margin(name, values),
              smoothing(values),
              values.number("filter-above", -1, MarginLoss.NO_FILTER));
    };
  }

  private static StageLoss centre(String name, PlanValues values, CentreHead.Distance distance) {
    return new StageLoss.Centre(
        name, values.number("alpha", 0, 1), distance, values.text("initial-file"));
  }

  private static StageLoss triplet(String name, PlanValues values, TripletLoss loss) {
    return new StageLoss.Triplet(
        name, loss, values.number("alpha", 0, 100), TripletHead.Alpha.FIXED);
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
