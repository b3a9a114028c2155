package io.sparkface.pipeline.clean;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceFileWriter;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.KeepList;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Cleans one file of a set, reading its images' cosines in step with it. */
final class CleanedFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Plan plan;
  private final Configuration hadoop;

  /**
   * What all files have in common.
   *
   * @param labels new label of each identity, -1 where nothing of it is left
   * @param directory of what tasks write
   */
  record Plan(
      CentreKind centres,
      DominantCentres.Rule rule,
      int[] labels,
      Cleaning.Output kind,
      String directory)
      implements Serializable {}

  /** What was written: files of rows and of dropped images, and how many rows. */
  record Written(StagedOutput.Part rows, StagedOutput.Part dropped, long kept)
      implements Serializable {}

  /**
   * A line of {@code dropped-*.jsonl}.
   *
   * @param degrees from the identity's dominant sub-centre, or from its mean
   * @param nearest sub-centre of the image, 0 where there is one centre
   * @param why in words
   */
  public record Dropped(
      long key, String identity, String source, double degrees, int nearest, String why) {}

  /** Where rows that stay go. */
  private interface Sink extends Closeable {
    void keep(FaceRecord row, int group, int index, int label) throws IOException;
  }

  CleanedFile(Plan plan, Configuration hadoop) {
    this.plan = plan;
    this.hadoop = hadoop;
  }

  Written write(String file, String shard, int number) throws IOException {
    boolean index = plan.kind() == Cleaning.Output.INDEX;
    String name = String.format(java.util.Locale.ROOT, "part-%05d", number);
    StagedOutput.Part rows =
        StagedOutput.Part.inTask(plan.directory(), name + (index ? KeepList.SUFFIX : ".parquet"));
    StagedOutput.Part dropped =
        StagedOutput.Part.inTask(
            plan.directory(), String.format(java.util.Locale.ROOT, "dropped-%05d.jsonl", number));
    long kept = 0;
    try (FaceFile faces =
            index
                ? FaceFile.openNames(new Path(file), hadoop)
                : FaceFile.open(new Path(file), hadoop);
        EmbeddingFile cosines = EmbeddingFile.open(new Path(shard), hadoop);
        Sink sink = index ? list(rows, faces) : pictures(rows);
        Writer list =
            new BufferedWriter(
                new OutputStreamWriter(
                    dropped.path().getFileSystem(hadoop).create(dropped.path(), true),
                    StandardCharsets.UTF_8))) {
      Iterator<Embedding> votes = cosines.read();
      for (int group = 0; group < faces.rowGroupCount(); group++) {
        List<FaceRecord> read = faces.read(group);
        for (int i = 0; i < read.size(); i++) {
          FaceRecord row = read.get(i);
          Embedding vote = votes.next();
          if (vote.key() != row.key()) {
            throw new IllegalStateException(shard + " is not in step with " + file);
          }
          if (plan.rule().keeps(row.label(), vote.values())) {
            sink.keep(row, group, i, plan.labels()[row.label()]);
            kept++;
          } else {
            list.write(JSON.writeValueAsString(dropped(row, vote.values())));
            list.write('\n');
          }
        }
      }
    }
    return new Written(rows, dropped, kept);
  }

  private Dropped dropped(FaceRecord row, float[] cosines) {
    int dominant = plan.rule().dominant()[row.label()];
    int nearest = DominantCentres.choice(cosines);
    boolean another = cosines[nearest] > plan.rule().least();
    String why =
        another
            ? "near sub-centre " + nearest + ", the dominant one is " + dominant
            : cosines.length > 1
                ? "far from every sub-centre"
                : "far from the "
                    + (plan.centres() == CentreKind.HEAD ? "centre" : "identity mean");
    double cosine = Math.max(-1, Math.min(1, cosines[dominant]));
    return new Dropped(
        row.key(),
        row.identity(),
        row.source(),
        Math.round(Math.toDegrees(Math.acos(cosine)) * 100) / 100.0,
        nearest,
        why);
  }

  private Sink pictures(StagedOutput.Part part) throws IOException {
    FaceFileWriter writer = new FaceFileWriter(part.path(), hadoop);
    return new Sink() {
      @Override
      public void keep(FaceRecord row, int group, int index, int label) throws IOException {
        writer.write(row.withLabel(label));
      }

      @Override
      public void close() throws IOException {
        writer.close();
      }
    };
  }

  private Sink list(StagedOutput.Part part, FaceFile faces) throws IOException {
    KeepList.Writer writer = new KeepList.Writer(part.path(), faces.images(), hadoop);
    return new Sink() {
      @Override
      public void keep(FaceRecord row, int group, int index, int label) throws IOException {
        writer.keep(faces.position(group, index), label);
      }

      @Override
      public void close() throws IOException {
        writer.close();
      }
    };
  }
}
