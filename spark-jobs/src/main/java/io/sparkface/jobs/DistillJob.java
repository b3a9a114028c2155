package io.sparkface.jobs;

import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.distill.EmbeddingExport;
import io.sparkface.pipeline.distill.EmbeddingImport;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A teacher's embeddings of a face set. */
@Command(
    name = "distill",
    description = "Writes a teacher's embeddings of a face set, for training with distill above 0.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit distill --model r100.onnx --data faces --output faces-r100",
      "  spark-submit distill --embeddings emore_embs_512.tfrecord --data faces --output faces-r100"
    })
final class DistillJob implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  private Origin origin;

  /** Where embeddings come from: one of the two. */
  private static final class Origin {
    @Option(
        names = "--model",
        converter = ClusterPath.class,
        required = true,
        // an MXNet model is named prefix,epoch
        split = ",(?!\\d+(?:,|$))",
        description = {
          "The teacher: a model directory or a model of others. Several, repeated or with commas",
          "between them, are joined: each of unit length, one behind the other."
        })
    private List<String> models;

    @Option(
        names = "--embeddings",
        converter = ClusterPath.class,
        required = true,
        paramLabel = "FILE",
        description = {
          "In its place embeddings that others have stored, a .npz or .tfrecord of image_names,",
          "image_classes and embeddings; images are told by folder and file name."
        })
    private String stored;
  }

  @Option(
      names = "--data",
      converter = ClusterPath.class,
      required = true,
      description = "The face set.")
  private String data;

  @Option(
      names = "--output",
      converter = ClusterPath.class,
      required = true,
      description = "Directory of the embeddings.")
  private String output;

  @Mixin private PixelOptions pixels;

  @Option(
      names = "--precision",
      description = "float32 (default), or float16, which takes half the space.")
  private EmbeddingFile.Precision precision = EmbeddingFile.Precision.FLOAT32;

  @Option(
      names = "--export",
      converter = ClusterPath.class,
      paramLabel = "FILE",
      description = {
        "Write them as the original does, too: names, classes and embeddings in a .npz or",
        ".tfrecord."
      })
  private String export;

  @Option(names = "--dry-run", description = "Check teacher and data, write nothing.")
  private boolean dryRun;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("distill")) {
      if (export != null) {
        EmbeddingExport.requireWritable(new Path(export), application.hadoop());
      }
      Record result = origin.stored != null ? imported(application) : asked(application);
      if (export != null && !dryRun) {
        FaceSet faces = FaceSet.open(new Path(data), application.hadoop());
        new EmbeddingExport(faces, new Path(output), application.hadoop())
            .writeTo(new Path(export));
      }
      printed.print(result, application);
    }
    return 0;
  }

  private Record asked(Application application) throws IOException {
    Distillation distillation =
        new Distillation(
            application.context(),
            new Distillation.Options(
                origin.models, pixels.normalisation(), precision, data, output));
    return dryRun ? distillation.outlook() : distillation.run();
  }

  /** In the precision they are stored in. */
  private Record imported(Application application) throws IOException {
    EmbeddingImport embeddings =
        new EmbeddingImport(application.context(), origin.stored, data, output);
    return dryRun ? embeddings.outlook() : embeddings.run();
  }
}
