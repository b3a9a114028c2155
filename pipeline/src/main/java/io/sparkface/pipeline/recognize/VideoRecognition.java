package io.sparkface.pipeline.recognize;

import io.sparkface.base.Progress;
import io.sparkface.datasets.images.RgbImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Follows faces through a video: every n-th picture is looked at, and what was found stays marked
 * until the next.
 */
public final class VideoRecognition {
  private final Recognizer recognizer;
  private final Optional<KnownPeople> known;
  private final Options options;

  /**
   * @param every pictures from one that is looked at to the next
   * @param threshold least cosine of a known person
   * @param mostFrames pictures after which to end; 0 for all
   */
  public record Options(int every, double threshold, long mostFrames) {}

  /**
   * When someone was seen.
   *
   * @param looks pictures that were looked at and show the person
   * @param firstSeconds from the start
   */
  public record Sighting(
      String name, long looks, double firstSeconds, double lastSeconds, double bestCosine) {}

  /**
   * @param frames pictures of the video
   * @param looks of these, how many were looked at
   * @param faces found in all looks
   * @param unknown of these, how many are of nobody known
   */
  public record Summary(long frames, long looks, long faces, long unknown, List<Sighting> people) {}

  public VideoRecognition(Recognizer recognizer, Optional<KnownPeople> known, Options options) {
    this.recognizer = recognizer;
    this.known = known;
    this.options = options;
  }

  /**
   * Works through all pictures.
   *
   * @param output gets every picture, with marks
   * @param window shows them; closing it ends the work
   */
  public Summary run(VideoFrames frames, Optional<VideoFile> output, Optional<VideoWindow> window) {
    Map<String, Sighting> people = new LinkedHashMap<>();
    List<Annotation> marks = List.of();
    long count = 0;
    long looks = 0;
    long faces = 0;
    long unknown = 0;
    long total = options.mostFrames() > 0 ? options.mostFrames() : frames.count();
    Progress progress = new Progress("recognize", "frames", total);
    Optional<RgbImage> picture = frames.next();
    while (picture.isPresent()) {
      if (count % options.every() == 0) {
        marks = look(picture.get(), frames.seconds(), people);
        looks++;
        faces += marks.size();
        unknown += marks.stream().filter(m -> m.kind() != Annotation.Kind.KNOWN).count();
      }
      count++;
      progress.add(1);
      boolean more = true;
      if (output.isPresent() || window.isPresent()) {
        RgbImage marked = Annotation.draw(picture.get(), marks);
        output.ifPresent(file -> file.add(marked));
        more = window.isEmpty() || window.get().show(marked);
      }
      boolean enough = options.mostFrames() > 0 && count >= options.mostFrames();
      picture = more && !enough ? frames.next() : Optional.empty();
    }
    return new Summary(count, looks, faces, unknown, List.copyOf(people.values()));
  }

  private List<Annotation> look(RgbImage picture, double seconds, Map<String, Sighting> people) {
    List<RecognizedFace> faces = recognizer.faces(picture);
    List<Annotation> marks = new ArrayList<>();
    List<Optional<KnownPeople.Match>> matches = matches(faces);
    for (int i = 0; i < faces.size(); i++) {
      marks.add(mark(faces.get(i), matches.get(i), options.threshold()));
      matches
          .get(i)
          .filter(match -> match.cosine() >= options.threshold())
          .ifPresent(
              match ->
                  people.merge(
                      match.name(),
                      new Sighting(match.name(), 1, seconds, seconds, match.cosine()),
                      VideoRecognition::merged));
    }
    return marks;
  }

  private List<Optional<KnownPeople.Match>> matches(List<RecognizedFace> faces) {
    if (known.isEmpty() || faces.isEmpty()) {
      return faces.stream().map(face -> Optional.<KnownPeople.Match>empty()).toList();
    }
    float[][] embeddings = faces.stream().map(RecognizedFace::embedding).toArray(float[][]::new);
    return known.get().search(embeddings, 1).stream().map(m -> m.stream().findFirst()).toList();
  }

  /** The mark of a face: its person's name where the cosine reaches the threshold. */
  public static Annotation mark(
      RecognizedFace face, Optional<KnownPeople.Match> match, double threshold) {
    if (match.isEmpty()) {
      return Annotation.detected(face.face());
    }
    boolean known = match.get().cosine() >= threshold;
    return new Annotation(
        face.face(),
        String.format(Locale.ROOT, "%s %.2f", match.get().name(), match.get().cosine()),
        known ? Annotation.Kind.KNOWN : Annotation.Kind.UNKNOWN);
  }

  private static Sighting merged(Sighting before, Sighting now) {
    return new Sighting(
        before.name(),
        before.looks() + 1,
        before.firstSeconds(),
        now.lastSeconds(),
        Math.max(before.bestCosine(), now.bestCosine()));
  }
}
