package io.sparkface.pipeline.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.BackboneOptions;
import io.sparkface.models.HeadOptions;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Surgery;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Precision;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.margin.ClassSampling;
import io.sparkface.models.margin.PrototypeQueue;
import io.sparkface.pipeline.input.AugmentationSpec;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A plan as the user wrote it: the command line's settings over the plan file over {@code
 * reference.conf}, with the origin of every value. Unknown keys and wrong types are refused with
 * file, line and the nearest key.
 */
public final class PlanFile {
  private static final String ROOT = "sparkface";

  private final Config config;

  private PlanFile(Config config) {
    this.config = config;
  }

  /**
   * @param file the plan, on any of Hadoop's file systems; environment variables may be named as
   *     {@code ${?NAME}}
   * @param settings {@code key=value}, the last one wins
   */
  public static PlanFile load(String file, List<String> settings, Configuration hadoop) {
    return of(parseFile(file, hadoop), settings);
  }

  /** As {@link #load}, from text. */
  public static PlanFile parse(String text, String name, List<String> settings) {
    return of(
        parsed(
            () -> ConfigFactory.parseString(text, options(name)),
            name,
            "correct the plan's syntax (HOCON)"),
        settings);
  }

  private static PlanFile of(Config plan, List<String> settings) {
    Config reference = ConfigFactory.parseResources("reference.conf").getConfig(ROOT);
    Config merged = plan;
    for (String setting : settings) {
      merged = parseSetting(setting).withFallback(merged);
    }
    Config effective =
        parsed(
            merged.withFallback(reference)::resolve,
            plan.origin().description(),
            "set the value that the plan's substitution names");
    refuseUnknown(effective.root(), reference.root(), stageKeys(reference), "");
    return new PlanFile(effective);
  }

  private static Config parseFile(String file, Configuration hadoop) {
    Path path = new Path(file);
    try (Reader reader =
        new InputStreamReader(fileSystem(path, hadoop).open(path), StandardCharsets.UTF_8)) {
      return parsed(
          () -> ConfigFactory.parseReader(reader, options(file)),
          file,
          "correct the plan's syntax (HOCON)");
    } catch (IOException e) {
      throw new UserError(
          "the plan cannot be read: " + e.getMessage(), file, "name an existing plan file", e);
    }
  }

  /**
   * A name without a scheme is a file of this machine where there is one, as with Spark's own
   * {@code --files}, and else of the default file system, which on a cluster is HDFS.
   */
  private static FileSystem fileSystem(Path path, Configuration hadoop) throws IOException {
    if (path.toUri().getScheme() == null) {
      FileSystem here = FileSystem.getLocal(hadoop);
      if (here.exists(path)) {
        return here;
      }
    }
    return path.getFileSystem(hadoop);
  }

  private static ConfigParseOptions options(String name) {
    return ConfigParseOptions.defaults()
        .setSyntax(ConfigSyntax.CONF)
        .setOriginDescription(name)
        .setIncluder(new NoIncludes(name));
  }

  private static Config parseSetting(String setting) {
    int equals = setting.indexOf('=');
    if (equals <= 0) {
      throw new UserError("not a setting: " + setting, "--set", "write --set key=value");
    }
    ConfigOrigin origin = ConfigOriginFactory.newSimple("--set " + setting);
    String key = setting.substring(0, equals);
    String value = setting.substring(equals + 1);
    Config asHocon =
        parsed(
            () -> ConfigFactory.parseString("value = " + value, options("--set " + setting)),
            "--set " + setting,
            "put a value with special characters in double quotes");
    return ConfigFactory.empty().withValue(key, asHocon.getValue("value").withOrigin(origin));
  }

  private static Config parsed(Supplier<Config> parse, String where, String todo) {
    try {
      return parse.get();
    } catch (ConfigException e) {
      throw new UserError(e.getMessage(), where, todo, e);
    }
  }

  /** What a stage may say: the defaults' keys, and any of the optimiser's. */
  private static ConfigObject stageKeys(Config reference) {
    return reference
        .getConfig("stage-defaults")
        .withValue("optimiser", reference.getValue("optimiser"))
        .root();
  }

  private static void refuseUnknown(
      ConfigObject actual, ConfigObject known, ConfigObject stage, String prefix) {
    for (Map.Entry<String, ConfigValue> entry : actual.entrySet()) {
      String key = prefix + entry.getKey();
      ConfigValue expected = (prefix.equals("stage-defaults.") ? stage : known).get(entry.getKey());
      if (expected == null) {
        throw new UserError(
            "unknown key '" + key + "'",
            entry.getValue().origin().description(),
            Nearest.advice(entry.getKey(), known.keySet()));
      }
      if (entry.getValue() instanceof ConfigObject inner && expected instanceof ConfigObject deep) {
        refuseUnknown(inner, deep, stage, key + ".");
      } else if (key.equals("stages") && entry.getValue() instanceof ConfigList stages) {
        for (ConfigValue one : stages) {
          if (!(one instanceof ConfigObject object)) {
            throw new UserError(
                "a stage must be an object, not " + one.render(),
                one.origin().description(),
                "write stages = [{ epochs = 1 }]");
          }
          refuseUnknown(object, stage, stage, "stages.");
        }
      }
    }
  }

  /** The plan as records, every value checked. */
  public TrainPlan plan() {
    List<TrainPlan.Stage> stages = new ArrayList<>();
    Config defaults = config.getConfig("stage-defaults");
    for (ConfigValue stage : config.getList("stages")) {
      stages.add(stage(((ConfigObject) stage).toConfig().withFallback(defaults)));
    }
    if (stages.isEmpty()) {
      throw wrong(config, "stages", "has no stage");
    }
    PlanValues values = new PlanValues(config);
    return new TrainPlan(
        values.integer("seed", Integer.MIN_VALUE, Integer.MAX_VALUE),
        precision(values),
        new TrainPlan.Data(
            values.text("data.faces"),
            values.text("data.embeddings"),
            values.text("data.teacher"),
            values.oneOf("data.teacher-input", Normalisation.class),
            values.integer("data.batch-size", 2, 65_536),
            augmentation(values),
            values.number("data.mixup-alpha", 0, 1),
            values.integer("data.images-per-identity", 0, 1_000_000)),
        new TrainPlan.Initial(
            values.text("initial.weights"),
            values.oneOf("initial.parts", TrainPlan.Parts.class),
            values.integer("initial.epoch", 0, 100_000)),
        new TrainPlan.Evaluation(
            values.texts("evaluate"),
            values.text("best-by"),
            values.integer("evaluate-every-steps", 0, Integer.MAX_VALUE),
            values.integer("early-stop.patience", 0, 100_000),
            values.number("early-stop.least-gain", 0, 1)),
        network(values),
        SchedulePlan.read(values),
        stages,
        new TrainPlan.Checkpoint(
            values.integer("checkpoint.every-steps", 0, Integer.MAX_VALUE),
            values.integer("checkpoint.keep", 1, 10_000),
            values.integer("log-every-steps", 0, Integer.MAX_VALUE)));
  }

  private static Precision precision(PlanValues values) {
    Precision precision = values.oneOf("precision", Precision.class);
    if (!precision.supported()) {
      throw new UserError(
          "this CPU has neither AVX-512 BF16 nor AMX, in which bf16 would be computed",
          "precision of the plan",
          "set precision = float32");
    }
    return precision;
  }

  private static AugmentationSpec augmentation(PlanValues values) {
    AugmentationSpec augmentation =
        new AugmentationSpec(
            values.integer("data.random-status", -1, 1_000_000),
            values.oneOf("data.auto-augment", AugmentationSpec.Policy.class),
            values.number("data.mask-probability", 0, 1));
    augmentation.build();
    return augmentation;
  }

  /** Where the plan is to be computed, every value checked. */
  public Distribution distribution() {
    PlanValues values = new PlanValues(config);
    return new Distribution(
        values.oneOf("distribute.mode", Distribution.Mode.class),
        values.integer("distribute.workers", 0, 100_000),
        values.integer("distribute.threads", 0, 1024),
        values.integer("distribute.frequency", 1, 1_000_000),
        values.text("distribute.network"),
        values.integer("distribute.port", 0, 65_535 - 64),
        Duration.ofSeconds(values.integer("distribute.timeout", 1, 86_400)),
        values.integer("distribute.retries", 0, 1000),
        new Distribution.Sharing(
            values.number("distribute.sharing.density", 1e-6, 1),
            values.oneOf("distribute.sharing.threshold", Distribution.Threshold.class),
            values.oneOf("distribute.sharing.code", Distribution.Code.class)));
  }

  private static NetworkSpec network(PlanValues values) {
    int size = values.integer("network.image-size", 32, 1024);
    Set<ParameterBlock.Part> decayed = EnumSet.noneOf(ParameterBlock.Part.class);
    values
        .texts("network.decay-on")
        .forEach(
            part -> {
              switch (part) {
                case "kernels" -> decayed.addAll(Surgery.KERNELS);
                case "biases" -> decayed.add(ParameterBlock.Part.BIAS);
                case "normalisation" -> decayed.addAll(Surgery.NORMALISATION);
                default ->
                    throw new UserError(
                        "weight decay cannot be on '" + part + "'",
                        "network.decay-on",
                        Nearest.advice(part, List.of("kernels", "biases", "normalisation")));
              }
            });
    return new NetworkSpec(
        values.text("network.backbone"),
        values.text("network.head"),
        values.integer("network.embedding-size", 2, 8192),
        values.number("network.dropout", 0, 0.99),
        size,
        size,
        values.number("network.batch-norm-momentum", 0, 0.999999),
        values.number("network.batch-norm-epsilon", 1e-12, 1),
        new BackboneOptions(
            values.oneOf("network.activation", Activation.class),
            values.oneOf("network.shortcut", BackboneOptions.Shortcut.class),
            values.integer("network.stem-stride", 0, 2),
            values.number("network.drop-connect", -1, 0.99)),
        new HeadOptions(
            values.integer("network.pointwise", -1, 65_536),
            values.oneOf("network.pointwise-activation", Activation.class),
            values.flag("network.bias"),
            values.flag("network.scale")),
        new Surgery(
            values.oneOf("network.instead-of-relu", Activation.class),
            values.number("network.first-survival", 1e-3, 1),
            values.number("network.last-survival", 1e-3, 1),
            decayed));
  }

  private TrainPlan.Stage stage(Config stage) {
    PlanValues values = new PlanValues(stage);
    Config optimiser = stage.getConfig("optimiser").withFallback(config.getConfig("optimiser"));
    List<WeightedLoss> losses = new LossReader(config.getConfig("losses")).all(stage);
    TrainPlan.Stage read =
        new TrainPlan.Stage(
            values.integer("epochs", 1, 100_000),
            values.integer("steps", 0, Integer.MAX_VALUE),
            values.flag("bottleneck-only"),
            values.flag("grouped") || losses.stream().anyMatch(each -> each.loss().grouped()),
            values.number("mine", 0, Integer.MAX_VALUE),
            losses,
            values.integer("sub-centres", 1, 64),
            sampling(values),
            prototypes(values),
            OptimiserPlan.read(new PlanValues(optimiser)));
    refuseUnfit(read, stage);
    return read;
  }

  /** What is only for some losses must not be given to others without a word. */
  private static void refuseUnfit(TrainPlan.Stage read, Config stage) {
    boolean margin = read.loss() instanceof StageLoss.OnCosines;
    boolean all = read.sampling() instanceof ClassSampling.All;
    if (read.subCentres() > 1
        && (read.loss().kind() != StageLoss.Kind.CLASSES
            || read.loss() instanceof StageLoss.OnLogits)) {
      throw wrong(stage, "sub-centres", "are not for loss " + read.loss().name());
    }
    String key = read.sampling() instanceof ClassSampling.Split ? "class-split" : "class-share";
    if (!all && !margin) {
      throw wrong(stage, key, "is not for loss " + read.loss().name());
    }
    if (read.prototypes().isPresent() && (!margin || !all || read.subCentres() > 1)) {
      throw wrong(
          stage, "vpl-start", "is for margins on cosines with one centre each, of all identities");
    }
    if (read.mined() && read.mining() == 0) {
      throw wrong(stage, "mine", "must say how many images triplets are mined from");
    }
    if (read.mining() > 0 && !read.mined()) {
      throw wrong(stage, "mine", "is for OfflineTripletLoss and OfflineArcTripletLoss");
    }
    if (read.mined() && (read.grouped() || !all)) {
      throw wrong(stage, "mine", "cannot go with grouped batches or class-split");
    }
  }

  private static Optional<PrototypeQueue> prototypes(PlanValues values) {
    int start = values.integer("vpl-start", 0, Integer.MAX_VALUE);
    int delta = values.integer("vpl-delta", 1, Integer.MAX_VALUE);
    return start == 0 ? Optional.empty() : Optional.of(new PrototypeQueue(start, delta));
  }

  private ClassSampling sampling(PlanValues values) {
    int parts = values.integer("class-split", 0, 100_000);
    double share = values.number("class-share", 1e-6, 1);
    if (parts > 1) {
      return new ClassSampling.Split(parts);
    }
    return share < 1
        ? new ClassSampling.Share(
            share, new PlanValues(config).integer("seed", Integer.MIN_VALUE, Integer.MAX_VALUE))
        : new ClassSampling.All();
  }

  static UserError wrong(Config config, String key, String problem) {
    return new UserError(
        "'" + key + "' " + problem,
        config.getValue(key).origin().description(),
        "see " + key + " in reference.conf");
  }

  /** Every key with its value and where that came from, one a line, for {@code --dry-run}. */
  public String explain() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(leaves(config.root(), ""))
        .forEach(
            (key, value) ->
                text.append(key)
                    .append(" = ")
                    .append(value.render(ConfigRenderOptions.concise()))
                    .append("   # ")
                    .append(value.origin().description())
                    .append('\n'));
    return text.toString();
  }

  private static Map<String, ConfigValue> leaves(ConfigObject object, String prefix) {
    Map<String, ConfigValue> found = new TreeMap<>();
    object.forEach((key, value) -> found.putAll(leaves(value, prefix + key)));
    return found;
  }

  /** What lies in {@code value}: objects, also those of a list, are taken apart. */
  private static Map<String, ConfigValue> leaves(ConfigValue value, String key) {
    if (value instanceof ConfigObject object) {
      return leaves(object, key + ".");
    }
    if (value instanceof ConfigList list
        && list.stream().anyMatch(one -> one.valueType() == ConfigValueType.OBJECT)) {
      Map<String, ConfigValue> found = new TreeMap<>();
      for (int i = 0; i < list.size(); i++) {
        found.putAll(leaves(list.get(i), key + "[" + (i + 1) + "]"));
      }
      return found;
    }
    return Map.of(key, value);
  }
}
