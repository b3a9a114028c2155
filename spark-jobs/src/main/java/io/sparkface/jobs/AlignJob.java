package io.sparkface.jobs;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.align.FaceChoice;
import io.sparkface.pipeline.align.FaceCutting;
import io.sparkface.pipeline.align.FaceFilter;
import io.sparkface.pipeline.align.PhotoAlignment;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Photos → aligned faces. */
@Command(
    name = "align",
    description = {
      "Finds the faces in photos and brings them to the place and size networks expect: person",
      "folders (kept), a folder of photos, or Parquet. Started again it goes on where it ended."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  spark-submit align --input photos --detector scrfd.onnx --output faces",
      "      one face a photo, in the same person folders; faces/_faces says where each was found",
      "  spark-submit align --input photos --detector scrfd.onnx --output faces.set --to parquet"
          + " \\",
      "      --choose largest --min-size 40 --min-sharpness 50 --on-bad-record quarantine",
      "      a face set to train on, without small and blurred faces"
    })
final class AlignJob implements Callable<Integer> {
  enum Target {
    folder,
    parquet
  }

  @Option(
      names = "--input",
      converter = ClusterPath.class,
      required = true,
      description = "Person folders, a folder of photos, or a directory of Parquet with photos.")
  private String input;

  @Mixin private DetectorOptions detectorOptions;

  @Option(
      names = "--output",
      converter = ClusterPath.class,
      required = true,
      description = "Directory to write.")
  private String output;

  @Option(
      names = "--to",
      description = "folder: pictures in person folders (default); parquet: a face set.")
  private Target target = Target.folder;

  @Option(names = "--size", description = "Pixels of a side of an aligned face (default 112).")
  private int size = 112;

  @Option(
      names = "--choose",
      description = "Which face of a photo: score (default), largest, central.")
  private FaceChoice choice = FaceChoice.SCORE;

  @Option(names = "--all-faces", description = "Keep every face; the chosen one comes first.")
  private boolean allFaces;

  @Option(names = "--min-size", description = "Pixels of a face's shorter side (default 0).")
  private double leastSize;

  @Option(
      names = "--min-sharpness",
      description = "Variance of the Laplacian; below about 50 a face is blurred (default 0).")
  private double leastSharpness;

  @Option(
      names = "--min-frontality",
      description = "1: nose midway between the eyes, 0: at an eye (default 0).")
  private double leastFrontality;

  @Option(
      names = "--max-misfit",
      description = "Pixels of 112 between landmarks and template, root mean square (no limit).")
  private double mostMisfit = Double.POSITIVE_INFINITY;

  @Option(names = "--format", description = "jpg (default, quality 0.95) or png.")
  private FaceCutting.Format format = FaceCutting.Format.JPG;

  @Option(names = "--part-size", description = "Photos of a task (default 500).")
  private int partSize = 500;

  @Option(names = "--seed", description = "Seed of the order of a face set's rows (default 1).")
  private long seed = 1;

  @Mixin private BadRecordOptions badRecords;

  @Mixin private OverwriteOptions overwrite;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    if (size < 16 || size > 1024) {
      throw new UserError("a face has 16 to 1024 pixels a side", "--size", "name such a number");
    }
    if (partSize < 1) {
      throw new UserError("a task has at least one photo", "--part-size", "name a larger number");
    }
    FaceCutting cutting =
        new FaceCutting(
            detectorOptions.detector(),
            detectorOptions.detection(),
            detectorOptions.transform(),
            size,
            choice,
            allFaces ? FaceCutting.Faces.ALL : FaceCutting.Faces.ONE,
            new FaceFilter(leastSize, leastSharpness, leastFrontality, mostMisfit),
            format);
    try (Application application = Application.start("align")) {
      PhotoAlignment.Summary done =
          new PhotoAlignment(
                  application.spark(),
                  new PhotoAlignment.Options(
                      input,
                      output,
                      target == Target.folder
                          ? PhotoAlignment.Target.FOLDER
                          : PhotoAlignment.Target.PARQUET,
                      cutting,
                      partSize,
                      badRecords.most(),
                      seed,
                      overwrite.existing()))
              .run();
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("photos", done.photos());
      result.put("faces", done.faces());
      result.put("identities", done.identities());
      result.put("withoutFace", done.withoutFace());
      result.put("unreadable", done.unreadable());
      result.put("output", output);
      printed.print(result, application);
    }
    return 0;
  }
}
