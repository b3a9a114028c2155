package io.sparkface.pipeline.distribute;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.Map;

/** What a worker tells the driver: JSON behind its length, so that nothing is deserialised. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "report")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Report.Listening.class, name = "listening"),
  @JsonSubTypes.Type(value = Report.Joined.class, name = "joined"),
  @JsonSubTypes.Type(value = Report.Beat.class, name = "beat"),
  @JsonSubTypes.Type(value = Report.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = Report.Finished.class, name = "finished")
})
sealed interface Report {
  int LONGEST = 16 << 20;

  /**
   * The worker has a socket for its neighbour and waits to be told of all others'.
   *
   * @param address as {@link WorkerAddress#encode} has it
   */
  record Listening(String address) implements Report {}

  /** The worker takes part. */
  record Joined(String executor, String host, String address, int threads, String device)
      implements Report {}

  /**
   * A sign of life.
   *
   * @param steps taken so far
   * @param images seen so far
   * @param loss sum over those images of the losses of their steps
   * @param doing what it is at
   */
  record Beat(long steps, long images, double loss, String doing) implements Report {}

  /** Why a worker ended. */
  enum Cause {
    /** The user can put it right. */
    USER,
    /** A neighbour was lost: the cause lies elsewhere. */
    PEER,
    /** Anything else. */
    FAULT
  }

  /** The worker ends with an error; {@code where} and {@code remedy} are the user's. */
  record Failed(Cause cause, String problem, String where, String remedy) implements Report {
    static Failed of(Throwable error) {
      for (Throwable cause = error; cause != null; cause = cause.getCause()) {
        if (cause instanceof UserError known) {
          return new Failed(Cause.USER, known.problem(), known.where(), known.remedy());
        }
      }
      return new Failed(
          LostPeerException.behind(error) ? Cause.PEER : Cause.FAULT, error.toString(), "", "");
    }
  }

  /**
   * The worker took all its steps. Worker 0 sends parameters and updater state behind it.
   *
   * @param tally of the images it trained on, see {@link ImageTally}
   * @param loss as in {@link Beat}
   * @param heads likewise each head's own, see {@link StepLoss}
   * @param rates learning rates of its optimiser at its last step, each once
   * @param trained its heads, as they describe themselves
   * @param sent bytes that went to its neighbour
   * @param seconds spent, by what on
   * @param checksums of each parameter's bytes, which must be the same on all workers
   */
  record Finished(
      long steps,
      long images,
      long tally,
      double loss,
      Map<String, Double> heads,
      List<Double> rates,
      List<String> trained,
      long sent,
      Map<String, Double> seconds,
      List<Long> checksums)
      implements Report {}

  /** Writes this report. */
  default void writeTo(DataOutputStream out) throws IOException {
    byte[] json = new ObjectMapper().writerFor(Report.class).writeValueAsBytes(this);
    out.writeInt(json.length);
    out.write(json);
    out.flush();
  }

  /** Reads the next report. */
  static Report read(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > LONGEST) {
      throw new ProtocolException("a report of " + length + " bytes");
    }
    byte[] json = in.readNBytes(length);
    if (json.length < length) {
      throw new java.io.EOFException("the connection ended within a report");
    }
    return new ObjectMapper().readValue(json, Report.class);
  }
}
