package io.sparkface.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import io.sparkface.pipeline.detect.Box;
import io.sparkface.pipeline.detect.DetectedFace;
import io.sparkface.pipeline.detect.FaceDetector;
import io.sparkface.pipeline.detect.Photo;
import io.sparkface.pipeline.evaluate.Vectors;
import io.sparkface.pipeline.recognize.Annotation;
import io.sparkface.pipeline.recognize.KnownPeople;
import io.sparkface.pipeline.recognize.RecognizedFace;
import io.sparkface.pipeline.recognize.Recognizer;
import io.sparkface.pipeline.recognize.VideoFile;
import io.sparkface.pipeline.recognize.VideoFrames;
import io.sparkface.pipeline.recognize.VideoRecognition;
import io.sparkface.pipeline.recognize.VideoWindow;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who is in pictures and videos; on this machine, without executors. */
@Command(
    name = "recognize",
    description = {
      "Compares the faces of pictures, searches them in a folder of known people, marks them in",
      "pictures, and follows them through a video. Works on this machine alone."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  spark-submit recognize --detector scrfd.onnx --images a.jpg --annotate marked",
      "      where the faces are; writes marked/a_recognition_result.jpg",
      "  spark-submit recognize --detector scrfd.onnx --model run1/model --images a.jpg b.jpg",
      "      cosines of all faces of both pictures",
      "  spark-submit recognize --detector scrfd.onnx --model run1/model --images party.jpg \\",
      "      --known people --annotate marked",
      "      who of people/*/ is in the picture; writes marked/party_recognition_result.jpg",
      "  spark-submit recognize --detector scrfd.onnx --model run1/model --video door.mp4 \\",
      "      --known people --every 5 --output door-marked.mp4"
    })
final class RecognizeJob implements Callable<Integer> {
  @Mixin private DetectorOptions detectorOptions;

  @Option(
      names = "--model",
      description =
          "A model directory or an .onnx file; without it, faces are found and marked alone.")
  private String model;

  @ArgGroup(multiplicity = "1")
  private Source source;

  /** What is looked at. */
  static final class Source {
    @Option(names = "--images", arity = "1..*", description = "Pictures.")
    private List<Path> images;

    @Option(names = "--video", description = "A video file, or the number of a camera.")
    private String video;
  }

  @Option(
      names = "--known",
      paramLabel = "DIR",
      description = "Person folders with pictures of known people.")
  private String known;

  @Option(
      names = "--index",
      paramLabel = "FILE",
      description = "Where the people's embeddings are kept (default: DIR.faces.safetensors).")
  private String index;

  @Option(names = "--refresh", description = "Embed all pictures of known people anew.")
  private boolean refresh;

  @Option(
      names = "--known-aligned",
      description = "The pictures of known people are aligned faces already.")
  private boolean aligned;

  @Option(names = "--threshold", description = "Least cosine of a known person (default 0.6).")
  private double threshold = 0.6;

  @Option(names = "--top", description = "People named for a face (default 1).")
  private int top = 1;

  @Option(
      names = "--annotate",
      paramLabel = "DIR",
      description = "Write pictures with boxes and names here: NAME_recognition_result.jpg.")
  private Path annotate;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write the video with boxes and names: .mp4, .mkv or .mov.")
  private Path output;

  @Option(names = "--every", description = "Look at every n-th picture of a video (default 5).")
  private int every = 5;

  @Option(names = "--max-frames", description = "End after so many pictures (default: all).")
  private long mostFrames;

  @Option(names = "--window", description = "Show the video; key s saves a picture, q ends.")
  private boolean window;

  @Mixin private PixelOptions pixels;

  @Mixin private ResultOptions printed;

  private final Configuration hadoop = new Configuration();
  private Optional<AnnotatedPictures> annotated = Optional.empty();

  /** A face as it is printed. */
  private record Found(String image, double score, Box box, List<KnownPeople.Match> people) {}

  @Override
  public Integer call() throws IOException {
    PrintStream results = System.out;
    // ND4J prints to standard output
    System.setOut(System.err);
    if (window) {
      // Spark's own scripts set it, and before AWT is used it can be taken back
      System.setProperty("java.awt.headless", "false");
    }
    try {
      if (annotate != null && source.images != null) {
        annotated = Optional.of(AnnotatedPictures.of(source.images, annotate));
      }
      // one JSON object and nothing else
      PrintStream lines =
          printed.json() ? new PrintStream(OutputStream.nullOutputStream()) : results;
      RecognitionText text = new RecognitionText(lines, threshold);
      Object result = model == null ? find(text) : recognize(text);
      if (printed.json()) {
        results.println(new ObjectMapper().writeValueAsString(result));
      }
    } finally {
      System.setOut(results);
    }
    return 0;
  }

  private Object recognize(RecognitionText text) throws IOException {
    Recognizer.Settings settings =
        new Recognizer.Settings(
            detectorOptions.detector(),
            detectorOptions.detection(),
            detectorOptions.transform(),
            model,
            pixels.normalisation());
    if (every < 1 || top < 1) {
      throw new UserError("counts begin at 1", "--every, --top", "name a larger number");
    }
    try (Recognizer recognizer = Recognizer.open(settings, hadoop)) {
      if (source.video != null) {
        return video(recognizer, text);
      }
      return known == null ? compare(recognizer, text) : search(recognizer, text);
    }
  }

  private Object find(RecognitionText text) throws IOException {
    if (known != null || source.video != null) {
      throw new UserError(
          "people and videos need an embedding network", "--model", "name a model, too");
    }
    List<Found> found = new ArrayList<>();
    try (FaceDetector detector =
        FaceDetector.open(
            detectorOptions.detector(),
            detectorOptions.detection(),
            OnnxNetwork.ALL_CORES,
            hadoop)) {
      for (Path image : source.images) {
        RgbImage picture = read(image);
        List<DetectedFace> faces = detector.detect(picture);
        for (DetectedFace face : faces) {
          found.add(new Found(image.toString(), face.score(), face.box(), List.of()));
          text.face(image, face, List.of());
        }
        if (faces.isEmpty()) {
          text.noFace(image);
        }
        annotate(image, picture, faces.stream().map(Annotation::detected).toList());
      }
    }
    return Map.of("faces", found);
  }

  private KnownPeople knownPeople(Recognizer recognizer) throws IOException {
    // a path without folders has no parent to keep the index in
    org.apache.hadoop.fs.Path folder =
        new org.apache.hadoop.fs.Path(known)
            .getFileSystem(hadoop)
            .makeQualified(new org.apache.hadoop.fs.Path(known));
    return KnownPeople.open(
        folder,
        index == null
            ? KnownPeople.besides(folder)
            : folder.getFileSystem(hadoop).makeQualified(new org.apache.hadoop.fs.Path(index)),
        aligned ? KnownPeople.Pictures.ALIGNED : KnownPeople.Pictures.PHOTOS,
        refresh ? KnownPeople.Kept.IGNORE : KnownPeople.Kept.USE,
        recognizer,
        hadoop);
  }

  private RgbImage read(Path image) throws IOException {
    return Photo.open(new org.apache.hadoop.fs.Path(image.toUri()), hadoop);
  }

  private void annotate(Path image, RgbImage picture, List<Annotation> marks) throws IOException {
    if (annotated.isPresent()) {
      annotated.get().write(image, picture, marks);
    }
  }

  private Object compare(Recognizer recognizer, RecognitionText text) throws IOException {
    List<String> names = new ArrayList<>();
    List<float[]> embeddings = new ArrayList<>();
    List<Found> found = new ArrayList<>();
    for (Path image : source.images) {
      RgbImage picture = read(image);
      List<RecognizedFace> faces = recognizer.faces(picture);
      List<Annotation> marks = new ArrayList<>();
      for (RecognizedFace face : faces) {
        names.add(image + "#" + (marks.size() + 1));
        marks.add(new Annotation(face.face(), "#" + (marks.size() + 1), Annotation.Kind.DETECTED));
        embeddings.add(face.embedding());
        found.add(new Found(image.toString(), face.face().score(), face.face().box(), List.of()));
      }
      if (faces.isEmpty()) {
        text.noFace(image);
      }
      annotate(image, picture, marks);
    }
    double[][] cosines = new double[names.size()][names.size()];
    for (int i = 0; i < cosines.length; i++) {
      for (int j = 0; j < cosines.length; j++) {
        cosines[i][j] = Vectors.dot(embeddings.get(i), embeddings.get(j));
      }
    }
    if (!names.isEmpty()) {
      text.cosines(names, cosines);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("faces", found);
    result.put("cosines", cosines);
    return result;
  }

  private Object search(Recognizer recognizer, RecognitionText text) throws IOException {
    List<Found> found = new ArrayList<>();
    try (KnownPeople people = knownPeople(recognizer)) {
      for (Path image : source.images) {
        RgbImage picture = read(image);
        List<RecognizedFace> faces = recognizer.faces(picture);
        List<List<KnownPeople.Match>> matches =
            people.search(
                faces.stream().map(RecognizedFace::embedding).toArray(float[][]::new), top);
        List<Annotation> marks = new ArrayList<>();
        for (int i = 0; i < faces.size(); i++) {
          RecognizedFace face = faces.get(i);
          marks.add(VideoRecognition.mark(face, matches.get(i).stream().findFirst(), threshold));
          found.add(
              new Found(image.toString(), face.face().score(), face.face().box(), matches.get(i)));
          text.face(image, face.face(), matches.get(i));
        }
        if (faces.isEmpty()) {
          text.noFace(image);
        }
        annotate(image, picture, marks);
      }
    }
    return Map.of("faces", found, "threshold", threshold);
  }

  private Object video(Recognizer recognizer, RecognitionText text) throws IOException {
    try (VideoFrames frames = VideoFrames.open(source.video);
        KnownPeople people = known == null ? null : knownPeople(recognizer);
        VideoFile file = output == null ? null : new VideoFile(output, frames.rate());
        VideoWindow shown =
            window ? new VideoWindow("sparkface " + source.video, Path.of("")) : null) {
      VideoRecognition.Summary summary =
          new VideoRecognition(
                  recognizer,
                  Optional.ofNullable(people),
                  new VideoRecognition.Options(every, threshold, mostFrames))
              .run(frames, Optional.ofNullable(file), Optional.ofNullable(shown));
      if (file != null) {
        file.finish();
      }
      text.video(summary);
      return summary;
    }
  }
}
