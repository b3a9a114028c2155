package io.sparkface.pipeline.export;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.BatchNormFolding;
import io.sparkface.models.interop.onnx.CosineOutput;
import io.sparkface.models.interop.onnx.Float16;
import io.sparkface.models.interop.onnx.Int8;
import io.sparkface.models.interop.onnx.NetworkExport;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import io.sparkface.models.interop.onnx.PixelInput;
import io.sparkface.models.interop.onnx.ValueRanges;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.embed.OnnxCard;
import io.sparkface.pipeline.embed.OnnxEmbedder;
import io.sparkface.pipeline.output.Replacement;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a model as one ONNX file: to a temporary name, read back from there, run by ONNX Runtime
 * beside the source network on the same pictures, and renamed when the embeddings agree.
 */
public final class ModelExport {
  private static final Logger LOG = LoggerFactory.getLogger(ModelExport.class);
  private static final int CHECKED = 32;
  private static final int DRAWN = 8;
  private static final int CALIBRATION_BATCH = 8;

  private final Options options;
  private final Configuration hadoop;

  private ModelExport(Options options, Configuration hadoop) {
    this.options = options;
    this.hadoop = hadoop;
  }

  /** What a network answers. */
  public enum Answer {
    EMBEDDING,
    /** Its cosines with every identity it was trained on too. */
    EMBEDDING_AND_COSINES
  }

  /** What becomes of batch normalisations that follow a convolution. */
  public enum BatchNorm {
    KEPT,
    FOLDED
  }

  /**
   * What to export and how.
   *
   * @param model path of a model directory, or of a model of others
   * @param output the {@code .onnx} file
   * @param normalisation of a model of others that does not say how its pixels are scaled
   * @param faces a face set or pair set for the check and the calibration, where given
   * @param calibration how many faces the ranges of int8 are found on at most
   */
  public record Options(
      String model,
      String output,
      Precision precision,
      PixelInput pixels,
      Answer answer,
      BatchNorm batchNorm,
      Normalisation normalisation,
      Optional<String> faces,
      int calibration,
      StagedOutput.Existing existing) {}

  /**
   * The file written.
   *
   * @param bytes its size
   * @param agreement of its embeddings with the source's
   */
  public record Result(String output, Precision precision, long bytes, Agreement agreement) {}

  /** The source as ONNX in float32, and what is known of it. */
  record Source(OnnxModel model, Normalisation normalisation, Map<String, Object> card) {}

  /**
   * @throws UserError when the output exists, the source cannot be read, or the result's embeddings
   *     are too far from the source's
   */
  public static Result run(Options options, Configuration hadoop) throws IOException {
    return new ModelExport(options, hadoop).run();
  }

  private Result run() throws IOException {
    Path output = new Path(options.output());
    FileSystem fs = output.getFileSystem(hadoop);
    if (options.existing() == StagedOutput.Existing.REFUSE && fs.exists(output)) {
      throw new UserError(
          "the output exists already",
          options.output(),
          "name another --output, or pass --overwrite");
    }
    Source source = source();
    Faces faces = faces(source);
    try (Embedder reference = Embedder.open(options.model(), options.normalisation(), hadoop)) {
      OnnxModel model = converted(source, faces.calibration());
      List<RgbImage> pictures = faces.checked();
      float[][] expected = reference.embed(pictures);
      Agreement agreement = compare(model, source, expected, pictures);
      model = card(source, agreement).in(model);
      Path temporary = new Path(output.getParent(), "." + output.getName() + ".tmp");
      try {
        byte[] bytes = model.bytes();
        try (OutputStream out = fs.create(temporary, true)) {
          out.write(bytes);
        }
        check(compare(readBack(fs, temporary), source, expected, pictures));
        new Replacement(fs, output).by(temporary);
        LOG.info("{}: {} bytes, {}", output, bytes.length, agreement);
        return new Result(options.output(), options.precision(), bytes.length, agreement);
      } finally {
        fs.delete(temporary, false);
      }
    }
  }

  private Source source() {
    return source(
        options.model(), options.normalisation(), options.pixels(), options.answer(), hadoop);
  }

  /** A model of any kind as ONNX in float32. */
  static Source source(
      String model,
      Normalisation normalisation,
      PixelInput pixels,
      Answer answer,
      Configuration hadoop) {
    Optional<ModelFile> foreign = ModelFile.named(model);
    if (foreign.isPresent()) {
      if (answer != Answer.EMBEDDING) {
        throw new UserError(
            "only a Sparkface model has a margin head", "--with-head", "leave the option out");
      }
      OnnxModel read = foreign.get().read(hadoop);
      Optional<OnnxCard> card = OnnxCard.of(read, model);
      return new Source(
          read,
          card.map(OnnxCard::normalisation).orElse(normalisation),
          card.map(OnnxCard::source).orElse(Map.of("file", new Path(model).getName())));
    }
    ModelDirectory directory = ModelDirectory.open(model, hadoop);
    ModelCard card = directory.card();
    ComputationGraph graph = TrainingGraph.embeddingOnly(card.network());
    directory.restore(graph);
    Optional<CosineOutput> head =
        answer == Answer.EMBEDDING
            ? Optional.empty()
            : Optional.of(
                new CosineOutput(directory.weight(TrainingGraph.CENTRES), card.subCentres()));
    return new Source(
        NetworkExport.of(graph, card.network(), pixels, head),
        pixels == PixelInput.RAW ? Normalisation.RAW : Normalisation.FACE,
        new ObjectMapper().convertValue(card, new TypeReference<>() {}));
  }

  private OnnxModel converted(Source source, List<RgbImage> calibration) {
    OnnxModel model =
        options.batchNorm() == BatchNorm.FOLDED || options.precision().folds()
            ? BatchNormFolding.of(source.model())
            : source.model();
    return converted(
        new Source(model, source.normalisation(), source.card()),
        options.precision(),
        calibration,
        options.model());
  }

  /**
   * A model in another precision.
   *
   * @param faces that int8 is calibrated on
   * @param where named in errors
   */
  static OnnxModel converted(
      Source source, Precision precision, List<RgbImage> faces, String where) {
    return switch (precision) {
      case FLOAT32 -> source.model();
      case FLOAT16 -> Float16.of(source.model(), where);
      case INT8 -> Int8.of(source.model(), ranges(source, faces, where), where);
      case INT8_WEIGHTS -> Int8.weightsOf(source.model(), where);
    };
  }

  /**
   * What the precision is found on and what the result is checked on; no face is in both, unless it
   * is in the set twice.
   */
  private record Faces(List<RgbImage> calibration, List<RgbImage> checked) {}

  private Faces faces(Source source) throws IOException {
    if (options.precision() != Precision.INT8) {
      return new Faces(List.of(), pictures(source));
    }
    String set =
        options
            .faces()
            .orElseThrow(
                () ->
                    new UserError(
                        "int8 has to be calibrated on faces",
                        "--precision int8",
                        "name a face set or pair set with --faces"));
    List<RgbImage> found = FaceSample.read(set, options.calibration() + CHECKED, hadoop);
    if (found.size() < 2) {
      throw new UserError("there are no faces to calibrate on", set, "name another set");
    }
    int calibration = found.size() - Math.min(CHECKED, found.size() / 2);
    return new Faces(found.subList(0, calibration), found.subList(calibration, found.size()));
  }

  /** What int8 has to hold: the values the network has on given faces. */
  private static ValueRanges ranges(Source source, List<RgbImage> faces, String where) {
    try (OnnxEmbedder embedder =
        OnnxEmbedder.of(source.model(), where, source.normalisation(), OnnxNetwork.ALL_CORES)) {
      int batch = Math.min(embedder.fixedBatch().orElse(CALIBRATION_BATCH), faces.size());
      List<OnnxNetwork.Values> batches = new ArrayList<>();
      for (int from = 0; from + batch <= faces.size(); from += batch) {
        batches.add(embedder.batch(faces.subList(from, from + batch)));
      }
      return ValueRanges.of(source.model(), batches, where);
    }
  }

  private List<RgbImage> pictures(Source source) throws IOException {
    if (options.faces().isPresent()) {
      return FaceSample.read(options.faces().get(), CHECKED, hadoop);
    }
    try (OnnxEmbedder embedder = embedder(source.model(), source)) {
      return FaceSample.drawn(DRAWN, embedder.inputHeight(), embedder.inputWidth());
    }
  }

  private Agreement compare(
      OnnxModel model, Source source, float[][] expected, List<RgbImage> pictures) {
    try (OnnxEmbedder embedder = embedder(model, source)) {
      return Agreement.of(expected, embedder.embed(pictures));
    }
  }

  private OnnxEmbedder embedder(OnnxModel model, Source source) {
    return OnnxEmbedder.of(model, options.output(), source.normalisation(), OnnxNetwork.ALL_CORES);
  }

  private OnnxModel readBack(FileSystem fs, Path file) throws IOException {
    try (var in = fs.open(file)) {
      return OnnxModel.read(in.readAllBytes(), file.toString());
    }
  }

  private void check(Agreement agreement) {
    if (agreement.suffices(options.precision())) {
      return;
    }
    String problem = "the exported network does not agree with its source: " + agreement;
    if (options.precision() == Precision.FLOAT32) {
      throw new IllegalStateException(problem);
    }
    throw new UserError(
        problem + ", wanted cosines of at least " + options.precision().leastCosine(),
        options.output(),
        switch (options.precision()) {
          case INT8 -> "give more faces with --faces, or choose --precision int8_weights";
          default -> "export with --precision float32";
        });
  }

  private OnnxCard card(Source source, Agreement agreement) {
    Map<String, Double> compared = new LinkedHashMap<>();
    compared.put("pictures", (double) agreement.pictures());
    compared.put("maxDifference", agreement.maxDifference());
    compared.put("leastCosine", agreement.leastCosine());
    return new OnnxCard(
        OnnxCard.FORMAT,
        "RGB, float32 pixels, " + scaling(source.normalisation()),
        source.normalisation(),
        options.precision().title(),
        options.batchNorm() == BatchNorm.FOLDED || options.precision().folds(),
        compared,
        source.card());
  }

  private static String scaling(Normalisation normalisation) {
    return switch (normalisation) {
      case FACE -> "(x - 127.5) / 128";
      case IMAGENET -> "x / 255, then ImageNet's mean and deviation";
      case RAW -> "0 to 255";
    };
  }
}
