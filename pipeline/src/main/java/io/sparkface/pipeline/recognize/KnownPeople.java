package io.sparkface.pipeline.recognize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.Safetensors;
import io.sparkface.models.interop.SafetensorsFile;
import io.sparkface.pipeline.align.FaceChoice;
import io.sparkface.pipeline.detect.DetectedFace;
import io.sparkface.pipeline.detect.Photo;
import io.sparkface.pipeline.output.Replacement;
import io.sparkface.pipeline.prepare.PersonFolders;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The people of a folder of person folders, and the embedding of the largest face of each picture.
 * They are kept in one safetensors file, with the size and time of each picture and the fingerprint
 * of the models: a picture that is new or changed is embedded, all others are not.
 */
public final class KnownPeople implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KnownPeople.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ENTRIES = "sparkface.pictures";
  private static final String MODELS = "sparkface.models";
  private static final String EMBEDDINGS = "embeddings";

  private final List<String> identities;
  private final int people;
  private final int mostPicturesOfOne;
  private final long embedded;
  private final ExactIndex index;

  /** What pictures of known people are. */
  public enum Pictures {
    /** Photos, in which the face is looked for. */
    PHOTOS,
    /** Aligned faces, taken as they are. */
    ALIGNED
  }

  /** Whether embeddings that were kept are used. */
  public enum Kept {
    USE,
    /** All pictures are embedded anew. */
    IGNORE
  }

  /** A picture as it was when it was embedded; without {@code face} none was found in it. */
  record Entry(String identity, String path, long length, long modified, boolean face) {
    boolean isStill(Entry other) {
      return path.equals(other.path) && length == other.length && modified == other.modified;
    }
  }

  /**
   * A known person.
   *
   * @param cosine of the face and the person's most similar picture
   */
  public record Match(String name, double cosine) {}

  private KnownPeople(List<String> identities, float[][] embeddings, int width, long embedded) {
    this.identities = identities;
    this.embedded = embedded;
    Map<String, Integer> pictures = new HashMap<>();
    identities.forEach(name -> pictures.merge(name, 1, Integer::sum));
    this.people = pictures.size();
    this.mostPicturesOfOne = pictures.values().stream().mapToInt(n -> n).max().orElse(1);
    this.index = new ExactIndex(width);
    index.add(embeddings);
  }

  /** Where the index of a folder is kept: beside it. */
  public static Path besides(Path folder) {
    // a path made of an address may end with a slash, and has then neither name nor right parent
    Path plain = new Path(folder.toString());
    return new Path(plain.getParent(), plain.getName() + ".faces.safetensors");
  }

  /**
   * Opens the index of a folder and brings it up to date.
   *
   * @throws UserError when no picture shows a face, or one is no picture
   */
  public static KnownPeople open(
      Path folder, Path file, Pictures kind, Kept kept, Recognizer recognizer, Configuration hadoop)
      throws IOException {
    FileSystem fs = folder.getFileSystem(hadoop);
    String models = recognizer.fingerprint() + "/" + kind;
    Map<String, Known> before =
        kept == Kept.USE ? read(file, models, recognizer.width(), hadoop) : Map.of();
    List<PersonFolders.Person> persons = PersonFolders.open(folder, hadoop).people();
    Progress progress =
        new Progress(
            "embed " + folder,
            "pictures",
            persons.stream().mapToLong(p -> p.pictures().size()).sum());
    List<Known> now = new ArrayList<>();
    long embedded = 0;
    for (PersonFolders.Person person : persons) {
      for (String picture : person.pictures()) {
        FileStatus status = fs.getFileStatus(new Path(picture));
        Entry entry =
            new Entry(
                person.name(),
                person.name() + "/" + status.getPath().getName(),
                status.getLen(),
                status.getModificationTime(),
                false);
        Known same = before.get(entry.path());
        if (same == null || !same.entry().isStill(entry)) {
          same = embed(entry, picture, kind, recognizer, hadoop);
          embedded++;
        }
        now.add(same);
        progress.add(1);
      }
    }
    if (embedded > 0 || now.size() != before.size()) {
      write(file, models, now, recognizer.width(), hadoop);
    }
    List<Known> faces = now.stream().filter(known -> known.entry().face()).toList();
    if (faces.isEmpty()) {
      throw new UserError(
          "no face was found in any picture of the known people",
          folder.toString(),
          "name a folder of person folders with photos; aligned faces need --known-aligned");
    }
    LOG.info(
        "{}: {} pictures, {} of them with a face, {} embedded now",
        folder,
        now.size(),
        faces.size(),
        embedded);
    return new KnownPeople(
        faces.stream().map(known -> known.entry().identity()).toList(),
        faces.stream().map(Known::embedding).toArray(float[][]::new),
        recognizer.width(),
        embedded);
  }

  private record Known(Entry entry, float[] embedding) {}

  private static Known embed(
      Entry entry, String picture, Pictures kind, Recognizer recognizer, Configuration hadoop)
      throws IOException {
    RgbImage photo = Photo.open(new Path(picture), hadoop);
    float[] none = new float[recognizer.width()];
    Optional<float[]> found;
    if (kind == Pictures.ALIGNED) {
      found = Optional.of(recognizer.embed(List.of(photo))[0]);
    } else {
      Map<DetectedFace, float[]> faces = new LinkedHashMap<>();
      recognizer.faces(photo).forEach(face -> faces.put(face.face(), face.embedding()));
      found =
          FaceChoice.LARGEST.ordered(List.copyOf(faces.keySet()), photo).stream()
              .findFirst()
              .map(faces::get);
    }
    if (found.isEmpty()) {
      LOG.warn("{}: no face was found, it is left out", picture);
    }
    return new Known(
        new Entry(
            entry.identity(), entry.path(), entry.length(), entry.modified(), found.isPresent()),
        found.orElse(none));
  }

  private static Map<String, Known> read(Path file, String models, int width, Configuration hadoop)
      throws IOException {
    FileSystem fs = file.getFileSystem(hadoop);
    if (!fs.exists(file)) {
      return Map.of();
    }
    SafetensorsFile content;
    try (InputStream in = fs.open(file)) {
      content = Safetensors.read(in, file.toString(), fs.getFileStatus(file).getLen());
    } catch (UserError e) {
      LOG.warn("{} is damaged and is made anew: {}", file, e.problem());
      return Map.of();
    }
    if (!models.equals(content.metadata().get(MODELS))) {
      LOG.info("{} was made with other models or options and is made anew", file);
      return Map.of();
    }
    try {
      Entry[] entries = JSON.readValue(content.metadata().get(ENTRIES), Entry[].class);
      float[][] rows = content.tensors().get(EMBEDDINGS).toFloatMatrix();
      if (rows.length != entries.length || rows.length > 0 && rows[0].length != width) {
        throw new IllegalArgumentException("the numbers of pictures and embeddings differ");
      }
      Map<String, Known> known = new HashMap<>();
      for (int i = 0; i < rows.length; i++) {
        known.put(entries[i].path(), new Known(entries[i], rows[i]));
      }
      return known;
    } catch (JsonProcessingException | RuntimeException e) {
      LOG.warn("{} is damaged and is made anew: {}", file, e.getMessage());
      return Map.of();
    }
  }

  private static void write(
      Path file, String models, List<Known> known, int width, Configuration hadoop) {
    try {
      float[][] rows = known.stream().map(Known::embedding).toArray(float[][]::new);
      String entries = JSON.writeValueAsString(known.stream().map(Known::entry).toList());
      Replacement.write(
          file,
          hadoop,
          out ->
              Safetensors.write(
                  out,
                  Map.of(EMBEDDINGS, Nd4j.createFromArray(rows)),
                  Map.of(MODELS, models, ENTRIES, entries)));
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be written, so that the next run embeds all pictures again: {};"
              + " --index names another place",
          file,
          e.getMessage());
    }
  }

  /** How many people there are. */
  public int people() {
    return people;
  }

  /** How many pictures show a face. */
  public long pictures() {
    return index.size();
  }

  /** How many pictures were embedded when this was opened; the others were known. */
  public long embedded() {
    return embedded;
  }

  /** The people most similar to each face, the most similar first. */
  public List<List<Match>> search(float[][] embeddings, int most) {
    // so many pictures show at least as many people
    int pictures = Math.toIntExact(Math.min(pictures(), (long) most * mostPicturesOfOne));
    List<List<Match>> found = new ArrayList<>();
    for (List<ExactIndex.Hit> hits : index.search(embeddings, pictures)) {
      Map<String, Match> best = new LinkedHashMap<>();
      for (ExactIndex.Hit hit : hits) {
        String name = identities.get(Math.toIntExact(hit.row()));
        best.putIfAbsent(name, new Match(name, hit.cosine()));
      }
      found.add(best.values().stream().limit(most).toList());
    }
    return found;
  }

  @Override
  public void close() {
    index.close();
  }
}
