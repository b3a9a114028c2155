package io.sparkface.pipeline.recognize;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.FaceAlignment;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import io.sparkface.pipeline.detect.DetectedFace;
import io.sparkface.pipeline.detect.Detection;
import io.sparkface.pipeline.detect.FaceDetector;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.evaluate.Vectors;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** Detector, alignment and embedding network in a row. Not for use by several threads at once. */
public final class Recognizer implements AutoCloseable {
  private static final int SIZE = 112;
  private static final int BATCH = 64;

  private final Settings settings;
  private final FaceDetector detector;
  private final Embedder embedder;
  private final String fingerprint;

  /**
   * @param detector path of an {@code .onnx}
   * @param model a model directory or {@code .onnx}
   * @param input how pixels reach an ONNX model that does not say itself
   */
  public record Settings(
      String detector,
      Detection detection,
      FaceAlignment alignment,
      String model,
      Normalisation input) {}

  private Recognizer(
      Settings settings, FaceDetector detector, Embedder embedder, String fingerprint) {
    this.settings = settings;
    this.detector = detector;
    this.embedder = embedder;
    this.fingerprint = fingerprint;
  }

  /**
   * @throws UserError when one of the models cannot be used
   */
  public static Recognizer open(Settings settings, Configuration hadoop) {
    FaceDetector detector =
        FaceDetector.open(settings.detector(), settings.detection(), OnnxNetwork.ALL_CORES, hadoop);
    String fingerprint =
        EmbeddingCache.key(
            EmbeddingCache.fingerprint(settings.detector(), hadoop),
            EmbeddingCache.fingerprint(settings.model(), hadoop),
            settings.detection().toString(),
            settings.alignment().toString(),
            settings.input().toString());
    return new Recognizer(
        settings, detector, Embedder.open(settings.model(), settings.input(), hadoop), fingerprint);
  }

  /** Values of an embedding. */
  public int width() {
    return embedder.width();
  }

  /** Of all that embeddings depend on: both models' content and the settings. */
  public String fingerprint() {
    return fingerprint;
  }

  /** All faces of a photo, the best score first. */
  public List<RecognizedFace> faces(RgbImage photo) {
    List<DetectedFace> found = new ArrayList<>();
    List<RgbImage> aligned = new ArrayList<>();
    for (DetectedFace face : detector.detect(photo)) {
      try {
        aligned.add(settings.alignment().align(photo, face.landmarks(), SIZE));
        found.add(face);
      } catch (IllegalArgumentException e) {
        // its landmarks are in one place: no face to compare
        continue;
      }
    }
    float[][] embeddings = embed(aligned);
    List<RecognizedFace> faces = new ArrayList<>();
    for (int i = 0; i < embeddings.length; i++) {
      faces.add(new RecognizedFace(found.get(i), embeddings[i]));
    }
    return faces;
  }

  /** Embeddings of aligned faces, of length 1. */
  public float[][] embed(List<RgbImage> aligned) {
    float[][] all = new float[aligned.size()][];
    for (int from = 0; from < all.length; from += BATCH) {
      List<RgbImage> batch = aligned.subList(from, Math.min(from + BATCH, all.length));
      float[][] raw = embedder.embed(batch);
      for (int i = 0; i < raw.length; i++) {
        all[from + i] = Vectors.normalised(raw[i]);
        for (float value : all[from + i]) {
          if (!Float.isFinite(value)) {
            throw new UserError(
                "the network's embedding is not finite", settings.model(), "use another model");
          }
        }
      }
    }
    return all;
  }

  @Override
  public void close() {
    detector.close();
    embedder.close();
  }
}
