package io.sparkface.datasets.faces;

import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.Point;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A face cut from a photo, and what is known of it. The columns are a face set's, and behind them
 * {@link #PHOTO}, {@link #FACE} and {@link #NUMBERS}, so that such a set is read as any other.
 *
 * @param face the aligned picture; its label may not be given yet
 * @param photo path of the photo within the input
 * @param index of the face within the photo, from 0
 * @param numbers values of {@link #NUMBERS}, in their order
 */
public record AlignedFace(FaceRecord face, String photo, int index, float[] numbers) {
  /** Column of {@link #photo}. */
  public static final String PHOTO = "photo";

  /** Column of {@link #index}. */
  public static final String FACE = "face";

  /**
   * Columns of numbers: the detector's score, box and points in the photo's pixels, and what the
   * face's quality was judged by.
   */
  public static final List<String> NUMBERS =
      List.of(
          "score",
          "box_left",
          "box_top",
          "box_right",
          "box_bottom",
          "left_eye_x",
          "left_eye_y",
          "right_eye_x",
          "right_eye_y",
          "nose_x",
          "nose_y",
          "left_mouth_x",
          "left_mouth_y",
          "right_mouth_x",
          "right_mouth_y",
          "sharpness",
          "frontality",
          "misfit");

  static final MessageType SCHEMA = schema();

  private static MessageType schema() {
    StringBuilder columns = new StringBuilder("message aligned { ");
    columns.append("required binary photo (STRING); required int32 face; ");
    NUMBERS.forEach(name -> columns.append("required float ").append(name).append("; "));
    return FaceSchema.FACES.union(MessageTypeParser.parseMessageType(columns + "}"));
  }

  /** The numbers of a face, in their order. */
  public static float[] numbers(
      double score,
      double[] box,
      FaceLandmarks landmarks,
      double sharpness,
      double frontality,
      double misfit) {
    List<Double> all = new ArrayList<>();
    all.add(score);
    for (double side : box) {
      all.add(side);
    }
    for (Point point : landmarks.points()) {
      all.add(point.x());
      all.add(point.y());
    }
    all.addAll(List.of(sharpness, frontality, misfit));
    float[] numbers = new float[all.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = all.get(i).floatValue();
    }
    return numbers;
  }
}
