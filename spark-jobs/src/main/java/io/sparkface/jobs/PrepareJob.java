package io.sparkface.jobs;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.pipeline.prepare.FaceInput;
import io.sparkface.pipeline.prepare.FaceSelection;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.GrownSet;
import io.sparkface.pipeline.prepare.PairSetPreparation;
import io.sparkface.pipeline.prepare.PersonFolderExport;
import io.sparkface.pipeline.prepare.PictureRules;
import io.sparkface.pipeline.prepare.RecordExport;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Converts RecordIO, person folders, face sets or a verification {@code .bin}. */
@Command(
    name = "prepare",
    description = "Converts MXNet RecordIO, person folders or a verification .bin to Parquet.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit prepare --input faces_emore/train.rec --output hdfs:///faces/emore",
      "  spark-submit prepare --input lfw.bin --output lfw.pairs",
      "  spark-submit prepare --input faces --to folders --output faces_112x112_folders",
      "  spark-submit prepare --input more.rec --identity-prefix more- --add-to faces \\",
      "    --output faces-and-more"
    })
final class PrepareJob implements Callable<Integer> {
  enum Target {
    parquet,
    folders,
    rec,
    bin
  }

  enum Layout {
    shuffled,
    by_person;

    @Override
    public String toString() {
      return name().replace('_', '-');
    }
  }

  @Option(
      names = "--input",
      converter = ClusterPath.class,
      required = true,
      description = {
        "A .rec, a folder with train.rec, a folder of person folders, a face set, the original's",
        ".npz or .tfrecord that lists pictures, a pattern 'x*.tfrecord' of files that hold them,",
        "or a verification .bin."
      })
  private String input;

  @Option(
      names = "--output",
      converter = ClusterPath.class,
      required = true,
      description = "Directory to write.")
  private String output;

  @Option(
      names = "--to",
      description = {
        "parquet (default): a face set, or a pair set of a .bin; folders: person folders;",
        "rec: train.rec with header0, train.idx and property; bin: a .bin of plain byte strings."
      })
  private Target target = Target.parquet;

  @Option(
      names = "--layout",
      description = {
        "Order of a face set's rows: shuffled (default), for training; by-person: rows of a",
        "person together."
      })
  private Layout layout = Layout.shuffled;

  @Option(
      names = "--resize",
      paramLabel = "N",
      description = "Bring pictures of another size to N x N (bicubic, JPEG); default: unchanged.")
  private int resize;

  @Option(
      names = "--check-pixels",
      description = "Decode every picture; one that cannot be is a bad record.")
  private boolean checkPixels;

  @Option(
      names = "--min-images",
      paramLabel = "N",
      description = "Only identities with at least N images (default 1).")
  private long minImages = 1;

  @Option(
      names = "--include",
      converter = ClusterPath.class,
      paramLabel = "FILE",
      description = "Only the identities in FILE, one name a line.")
  private String include;

  @Option(
      names = "--exclude",
      converter = ClusterPath.class,
      paramLabel = "FILE",
      description = "Not the identities in FILE, one name a line.")
  private String exclude;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Only the first N identities by label (default 0: all).")
  private int limit;

  @Option(
      names = "--identity-prefix",
      paramLabel = "TEXT",
      description = "Put before the name of every identity of this input.")
  private String prefix = "";

  @Option(
      names = "--add-to",
      converter = ClusterPath.class,
      paramLabel = "SET",
      description = {
        "The output is SET with the input added: its rows are listed, not copied, so it has to",
        "stay; its labels stay, new identities get the numbers behind them."
      })
  private String addTo;

  @Option(
      names = "--same-people",
      description = "With --add-to: identities of one name are one person.")
  private boolean samePeople;

  @Option(names = "--seed", description = "Seed of the order of rows (default 1).")
  private long seed = 1;

  @Mixin private BadRecordOptions badRecords;

  @Mixin private OverwriteOptions overwrite;

  @Option(
      names = "--dry-run",
      description = "Read and check the input, say what would be written, write nothing.")
  private boolean dryRun;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    try (Application application =
        Application.start("prepare", FaceSetPreparation.SPARK_SETTINGS)) {
      if (input.endsWith(".bin")) {
        pairs(application);
      } else {
        faces(application);
      }
    }
    return 0;
  }

  private void faces(Application application) throws IOException {
    FaceInput.Options what = input(application.hadoop());
    FaceSetPreparation preparation = preparation(application, what);
    if (dryRun) {
      printed.print(preparation.outlook(), application);
    } else if (target == Target.parquet) {
      FaceSetManifest done = preparation.run();
      printed.print(result(done.rows(), done.identities(), done.quarantined()), application);
    } else {
      PersonFolderExport.Result done =
          switch (target) {
            case folders ->
                new PersonFolderExport(application.context(), what)
                    .writeTo(output, overwrite.existing());
            case rec ->
                new RecordExport(application.context(), what, RecordExport.Layout.HEADER0)
                    .writeTo(output, overwrite.existing());
            default ->
                throw new UserError("faces cannot become a .bin", "--to", "choose parquet or rec");
          };
      printed.print(result(done.images(), done.identities(), done.quarantined()), application);
    }
  }

  private FaceInput.Options input(Configuration hadoop) throws IOException {
    Set<String> included = include == null ? Set.of() : FaceSelection.names(include, hadoop);
    Set<String> excluded = exclude == null ? Set.of() : FaceSelection.names(exclude, hadoop);
    PictureRules.Decoding decoding =
        checkPixels ? PictureRules.Decoding.PIXELS : PictureRules.Decoding.HEADER;
    return new FaceInput.Options(
        input,
        prefix,
        new FaceSelection(included, excluded, minImages, limit),
        new PictureRules(resize, decoding),
        badRecords.most());
  }

  private FaceSetPreparation preparation(Application application, FaceInput.Options what) {
    GrownSet.SameNames names =
        samePeople ? GrownSet.SameNames.ONE_PERSON : GrownSet.SameNames.REFUSE;
    return new FaceSetPreparation(
        application.spark(),
        new FaceSetPreparation.Options(
            what,
            output,
            layout == Layout.shuffled
                ? FaceSetPreparation.Layout.SHUFFLED
                : FaceSetPreparation.Layout.BY_PERSON,
            seed,
            overwrite.existing(),
            Optional.ofNullable(addTo).map(set -> new GrownSet.Options(set, names))));
  }

  private Map<String, Object> result(long images, int identities, long quarantined) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("images", images);
    result.put("identities", identities);
    result.put("quarantined", quarantined);
    result.put("output", output);
    return result;
  }

  private void pairs(Application application) throws IOException {
    long count;
    if (dryRun) {
      StagedOutput.requireWritable(output, overwrite.existing(), application.hadoop());
      count = PairSetPreparation.read(input, application.hadoop()).size();
    } else if (target == Target.bin) {
      count = PairSetPreparation.toBin(input, output, overwrite.existing(), application.hadoop());
    } else {
      count =
          PairSetPreparation.toParquet(application.spark(), input, output, overwrite.existing())
              .rows();
    }
    printed.print(Map.of("pairs", count, "output", output), application);
  }
}
