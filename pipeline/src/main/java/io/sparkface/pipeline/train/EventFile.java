package io.sparkface.pipeline.train;

import io.sparkface.datasets.interchange.ProtoWriter;
import io.sparkface.datasets.interchange.TfRecordWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/**
 * Scalars in TensorBoard's event file: TFRecords of {@code Event} messages (1 wall time, 2 step, 3
 * file version, 5 summary with values of 1 tag and 2 simple value).
 */
final class EventFile implements Closeable {
  private static final String VERSION = "brain.Event:2";

  private final TfRecordWriter records;

  EventFile(OutputStream out, double seconds) throws IOException {
    this.records = new TfRecordWriter(out);
    records.write(new ProtoWriter().real(1, seconds).text(3, VERSION).toBytes());
  }

  void scalars(double seconds, long step, Map<String, Double> values) throws IOException {
    ProtoWriter summary = new ProtoWriter();
    values.forEach(
        (name, value) ->
            summary.message(1, new ProtoWriter().text(1, name).real(2, value.floatValue())));
    records.write(
        new ProtoWriter().real(1, seconds).integer(2, step).message(5, summary).toBytes());
    records.flush();
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
