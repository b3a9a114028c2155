package io.sparkface.pipeline.prepare;

import io.sparkface.base.Progress;
import io.sparkface.datasets.recordio.RecordIndex;
import io.sparkface.datasets.recordio.RecordWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RecordIO as the field's sets are laid out: {@code train.rec}, {@code train.idx}, {@code
 * property}, and {@code classes.tsv} with the name of each label. Images are in the order of
 * labels, and of keys within one. Executors write pieces, the driver puts them one behind the
 * other.
 */
public final class RecordExport {
  private static final Logger LOG = LoggerFactory.getLogger(RecordExport.class);

  /** Beyond it float32 skips numbers, so that the header can no longer be exact (trap 2). */
  private static final long EXACT = 1L << 24;

  private final JavaSparkContext spark;
  private final FaceInput.Options options;
  private final Layout layout;

  /** Records beside the images. */
  public enum Layout {
    /** Header0, images from key 1, an identity record for each class behind them (spec 1.4). */
    HEADER0(1),
    /** Images alone, from key 0: what insightface's {@code drop.py} writes (spec 8). */
    PLAIN(0);

    private final long firstKey;

    Layout(long firstKey) {
      this.firstKey = firstKey;
    }
  }

  /** A piece of the file and of its index, whose offsets begin at the piece's own start. */
  private record Piece(
      StagedOutput.Part records, StagedOutput.Part index, long images, int width, int height)
      implements Serializable {}

  /** Where the images of a person go. */
  private record Place(int label, long firstKey) implements Serializable {}

  public RecordExport(JavaSparkContext spark, FaceInput.Options options, Layout layout) {
    this.spark = spark;
    this.options = options;
    this.layout = layout;
  }

  /** Writes the files into {@code directory}. */
  public PersonFolderExport.Result writeTo(String directory, StagedOutput.Existing existing)
      throws IOException {
    return writeTo(directory, existing, List.of());
  }

  /**
   * @param beside patterns of small files that are copied into the directory
   */
  public PersonFolderExport.Result writeTo(
      String directory, StagedOutput.Existing existing, List<Path> beside) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    StagedOutput output = new StagedOutput(directory, existing, hadoop);
    FaceInput input = FaceInput.open(options, hadoop);
    Survey survey = input.survey(spark);
    List<String> names = input.names(survey);
    Map<String, Long> images = survey.imagesByIdentity();
    Map<String, Place> places = new HashMap<>();
    Map<String, Long> before = new HashMap<>();
    long all = 0;
    for (String name : names) {
      places.put(name, new Place(places.size(), layout.firstKey + all));
      before.put(name, all);
      all += images.get(name);
    }
    List<Piece> pieces = pieces(input, places, before, all, output);
    long written = pieces.stream().mapToLong(Piece::images).sum();
    if (written != all) {
      throw new IllegalStateException("wrote " + written + " of " + all + " images");
    }
    join(pieces, names, images, all, output, hadoop);
    output.dropUnaccepted();
    try (FileSystem fs = PlainFiles.of(output.staging(), hadoop)) {
      for (Path pattern : beside) {
        for (FileStatus file : fs.globStatus(pattern)) {
          FileUtil.copy(fs, file.getPath(), fs, output.staging(), false, hadoop);
        }
      }
    }
    output.publish();
    return new PersonFolderExport.Result(all, names.size(), survey.badPlaces());
  }

  private List<Piece> pieces(
      FaceInput input,
      Map<String, Place> places,
      Map<String, Long> before,
      long images,
      StagedOutput output)
      throws IOException {
    Broadcast<Map<String, Place>> placeOf = spark.broadcast(places);
    JavaRDD<Entry> wanted =
        input
            .entries(spark)
            .filter(
                entry ->
                    entry instanceof Entry.Good face
                        && placeOf.value().containsKey(face.identity()));
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop());
    String directory = output.partDirectory().toString();
    try (FaceShuffle shuffle =
        new FaceShuffle(wanted, FaceOrder.byLabel(before, images), input.bytes())) {
      return shuffle.use(
          spark,
          (bucket, faces) ->
              piece(
                  faces,
                  placeOf.value(),
                  StagedOutput.Part.inTask(
                      directory, String.format(Locale.ROOT, "piece-%05d.rec", bucket)),
                  configuration.value()));
    }
  }

  private static Piece piece(
      Iterator<Entry.Good> faces,
      Map<String, Place> places,
      StagedOutput.Part records,
      Configuration hadoop)
      throws IOException {
    StagedOutput.Part index =
        new StagedOutput.Part(records.written() + ".idx", records.name() + ".idx");
    Progress progress = new Progress("write " + records.name(), "images", 0);
    long images = 0;
    int width = 0;
    int height = 0;
    try (FileSystem fs = PlainFiles.of(records.path(), hadoop);
        RecordWriter out =
            new RecordWriter(fs.create(records.path(), true), fs.create(index.path(), true))) {
      String person = null;
      long key = 0;
      while (faces.hasNext()) {
        Entry.Good face = faces.next();
        Place place = places.get(face.identity());
        key = face.identity().equals(person) ? key + 1 : place.firstKey();
        person = face.identity();
        out.write(key, new float[] {place.label()}, face.image());
        if (images++ == 0) {
          width = face.width();
          height = face.height();
        }
        progress.add(1);
      }
    }
    return new Piece(records, index, images, width, height);
  }

  private void join(
      List<Piece> pieces,
      List<String> names,
      Map<String, Long> images,
      long all,
      StagedOutput output,
      Configuration hadoop)
      throws IOException {
    Path staging = output.staging();
    long identityKey = layout.firstKey + all;
    if (identityKey + names.size() > EXACT) {
      LOG.warn(
          "{} records: labels of the header are float32 and no longer exact; readers must go by the"
              + " .idx",
          identityKey + names.size());
    }
    try (FileSystem fs = PlainFiles.of(staging, hadoop);
        JoinedRecords out =
            new JoinedRecords(
                fs.create(new Path(staging, "train.rec")),
                fs.create(new Path(staging, "train.idx")))) {
      if (layout == Layout.HEADER0) {
        out.add(0, new float[] {identityKey, identityKey + names.size()});
      }
      for (Piece piece : pieces) {
        RecordIndex index;
        try (InputStream in = fs.open(piece.index().path())) {
          index = RecordIndex.read(in, piece.index().written());
        }
        try (InputStream in = fs.open(piece.records().path())) {
          out.add(in, index);
        }
      }
      if (layout == Layout.HEADER0) {
        long first = layout.firstKey;
        for (String name : names) {
          long end = first + images.get(name);
          out.add(identityKey++, new float[] {first, end});
          first = end;
        }
      }
      Piece measured =
          pieces.stream().filter(piece -> piece.images() > 0).findFirst().orElseThrow();
      write(
          fs,
          new Path(staging, "property"),
          names.size() + "," + measured.height() + "," + measured.width() + "\n");
      StringBuilder classes = new StringBuilder();
      for (int label = 0; label < names.size(); label++) {
        classes.append(label).append('\t').append(names.get(label)).append('\n');
      }
      write(fs, new Path(staging, "classes.tsv"), classes.toString());
    }
  }

  private static void write(FileSystem fs, Path file, String text) throws IOException {
    try (OutputStream out = fs.create(file)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Configuration hadoop() {
    return spark.hadoopConfiguration();
  }

  /** Pieces and single records, one behind the other. */
  private static final class JoinedRecords implements AutoCloseable {
    private final OutputStream records;
    private final OutputStream index;
    private long length;

    JoinedRecords(OutputStream records, OutputStream index) {
      this.records = records;
      this.index = index;
    }

    void add(long key, float[] labels) throws IOException {
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      try (RecordWriter writer = new RecordWriter(record, OutputStream.nullOutputStream())) {
        writer.write(key, labels, new byte[0]);
      }
      line(key, length);
      records.write(record.toByteArray());
      length += record.size();
    }

    void add(InputStream piece, RecordIndex within) throws IOException {
      for (int i = 0; i < within.size(); i++) {
        line(within.keys()[i], length + within.offsets()[i]);
      }
      length += piece.transferTo(records);
    }

    private void line(long key, long offset) throws IOException {
      index.write((key + "\t" + offset + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
      try (records;
          index) {
        records.flush();
      }
    }
  }
}
