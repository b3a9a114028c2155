package io.sparkface.jobs;

import io.sparkface.models.interop.onnx.PixelInput;
import io.sparkface.pipeline.export.ModelExport;
import io.sparkface.pipeline.export.Precision;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A model as ONNX. */
@Command(
    name = "export",
    description = "Writes a model as ONNX and checks the file against the source network.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  spark-submit export --model run1/model --output face.onnx --fold-batch-norm",
      "  spark-submit export --model run1/model --output face-int8.onnx --precision int8"
          + " --faces faces"
    })
final class ExportJob implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      description = "A model directory, or a model of another framework.")
  private String model;

  @Option(names = "--output", required = true, description = "The .onnx file.")
  private String output;

  @Option(
      names = "--precision",
      description =
          "float32 (default), float16, int8 or int8_weights (8-bit kernels, float32 computation).")
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--input",
      description = "Pixels the network takes: normalised ((x - 127.5) / 128, default) or raw.")
  private PixelInput input = PixelInput.NORMALISED;

  @Option(names = "--fold-batch-norm", description = "Multiply normalisations into convolutions.")
  private boolean fold;

  @Option(names = "--with-head", description = "Add the cosines with every training identity.")
  private boolean withHead;

  @Option(
      names = "--faces",
      description = "Face set or pair set for the check; int8 is calibrated on it.")
  private String faces;

  @Option(names = "--calibration", description = "Faces int8 is calibrated on (default 256).")
  private int calibration = 256;

  @Mixin private PixelOptions pixels;

  @Mixin private OverwriteOptions overwrite;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("export")) {
      ModelExport.Result result =
          ModelExport.run(
              new ModelExport.Options(
                  model,
                  output,
                  precision,
                  input,
                  withHead
                      ? ModelExport.Answer.EMBEDDING_AND_COSINES
                      : ModelExport.Answer.EMBEDDING,
                  fold ? ModelExport.BatchNorm.FOLDED : ModelExport.BatchNorm.KEPT,
                  pixels.normalisation(),
                  Optional.ofNullable(faces),
                  calibration,
                  overwrite.existing()),
              application.hadoop());
      printed.print(result, application);
    }
    return 0;
  }
}
