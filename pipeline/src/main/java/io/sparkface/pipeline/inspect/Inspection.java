package io.sparkface.pipeline.inspect;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.interchange.NpzContents;
import io.sparkface.datasets.recordio.BadRecord;
import io.sparkface.datasets.recordio.ImageRecord;
import io.sparkface.datasets.recordio.RecordFile;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.embed.OnnxCard;
import io.sparkface.pipeline.prepare.PairSetPreparation;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Describes a {@code .rec}, {@code .bin}, {@code .npz}, face set, set of embeddings or model as
 * names and values.
 */
public final class Inspection {
  private static final int LISTED_PROBLEMS = 20;

  private Inspection() {}

  /**
   * @throws UserError when the path is none of them
   */
  public static Map<String, Object> of(String location, Configuration hadoop) throws IOException {
    Path path = new Path(location);
    FileSystem fs = path.getFileSystem(hadoop);
    Optional<ModelFile> foreign = ModelFile.named(location);
    if (foreign.isPresent()) {
      return foreign(foreign.get(), hadoop);
    }
    if (!fs.exists(path)) {
      throw new UserError("there is no such file", location, "check the path");
    }
    if (fs.getFileStatus(path).isDirectory()) {
      if (fs.exists(new Path(path, "model.json"))) {
        return model(location, hadoop);
      }
      if (fs.globStatus(new Path(path, "shard-*.parquet")).length > 0) {
        return described("kind", "embeddings", "manifest", EmbeddingSet.manifest(path, hadoop));
      }
      return fs.exists(new Path(path, "train.rec"))
          ? records(new Path(path, "train.rec"), hadoop)
          : faces(path, hadoop);
    }
    if (location.endsWith(".bin")) {
      long same =
          PairSetPreparation.read(location, hadoop).stream().filter(pair -> pair.same()).count();
      long all = PairSetPreparation.read(location, hadoop).size();
      return described("kind", "verification pairs", "pairs", all, "same", same);
    }
    if (location.endsWith(".rec")) {
      return records(path, hadoop);
    }
    if (location.endsWith(".npz")) {
      try (InputStream in = fs.open(path)) {
        return described("kind", "npz", "arrays", NpzContents.read(in, location));
      }
    }
    throw new UserError(
        "not a kind of file that is known",
        location,
        "name a .rec, .bin, .npz, face set, set of embeddings or model");
  }

  private static Map<String, Object> faces(Path path, Configuration hadoop) {
    FaceSet set = FaceSet.open(path, hadoop);
    return described(
        "kind", "face set",
        "images", set.manifest().rows(),
        "identities", set.identities(),
        "files", set.files().size(),
        "rowGroups", set.rowGroups().size(),
        "quarantined", set.manifest().quarantined(),
        "source", set.manifest().source(),
        "options", set.manifest().options());
  }

  private static Map<String, Object> model(String location, Configuration hadoop) {
    ModelCard card = ModelDirectory.open(location, hadoop).card();
    return described("kind", "model", "card", card);
  }

  private static Map<String, Object> foreign(ModelFile file, Configuration hadoop) {
    OnnxModel model = file.read(hadoop);
    Map<String, Object> found = described("kind", file.format().title() + " model");
    if (file.format() == ModelFile.Format.ONNX) {
      found.put("opset", model.opset());
    }
    found.put("inputs", model.inputs());
    found.put("outputs", model.outputs());
    found.put("operators", model.operators());
    OnnxCard.of(model, file.location()).ifPresent(card -> found.put("card", card));
    return found;
  }

  private static Map<String, Object> records(Path path, Configuration hadoop) throws IOException {
    TreeMap<Integer, Long> images = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    long bad = 0;
    long metadata = 0;
    String header = "none";
    try (RecordFile file = RecordFile.open(path, hadoop)) {
      while (true) {
        try {
          ImageRecord record = file.next();
          if (record == null) {
            break;
          }
          if (record.isMetadata()) {
            metadata++;
            if (record.id() == 0) {
              header = Arrays.toString(record.labels());
            }
          } else {
            images.merge(record.classLabel(), 1L, Long::sum);
          }
        } catch (BadRecord e) {
          bad++;
          if (problems.size() < LISTED_PROBLEMS) {
            problems.add("byte " + e.offset() + ": " + e.getMessage());
          }
        }
      }
    }
    Map<String, Object> found =
        described(
            "kind", "RecordIO",
            "header0", header,
            "images", images.values().stream().mapToLong(Long::longValue).sum(),
            "identities", images.size(),
            "metadataRecords", metadata,
            "badRecords", bad,
            "problems", problems);
    if (!images.isEmpty()) {
      found.put("firstLabel", images.firstKey());
      found.put("lastLabel", images.lastKey());
      found.put("fewestImages", images.values().stream().min(Long::compare).orElse(0L));
      found.put("mostImages", images.values().stream().max(Long::compare).orElse(0L));
    }
    return found;
  }

  private static Map<String, Object> described(Object... namesAndValues) {
    Map<String, Object> found = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      found.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return found;
  }
}
