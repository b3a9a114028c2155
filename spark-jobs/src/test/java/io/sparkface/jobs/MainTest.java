package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.base.UserError;
import java.io.IOException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class MainTest {
  /** What the driver gets when the executor's exception could not be sent as an object. */
  private static final String TEXT =
      """
Job aborted due to stage failure: Task 1 in stage 0.0 failed 4 times, most recent failure: \
Lost task 1.3 in stage 0.0 (TID 7) (10.0.0.3 executor 1): io.sparkface.base.UserError: the part is cut
  at: train.rec byte 96
  to do: copy the file again
\tat io.sparkface.datasets.recordio.RecordFile.next(RecordFile.java:80)
Driver stacktrace:\
""";

  @Test
  void findsTheUsersErrorInWhatSparkQuotes() {
    UserError found = Main.userError(new RuntimeException(new SparkException(TEXT)));
    assertThat(found.problem()).isEqualTo("the part is cut");
    assertThat(found.where()).isEqualTo("train.rec byte 96");
    assertThat(found.remedy()).isEqualTo("copy the file again");
  }

  @Test
  void findsTheUsersErrorAmongCauses() {
    UserError error = new UserError("a", "b", "c");
    assertThat(Main.userError(new SparkException("failed", error))).isSameAs(error);
    assertThat(Main.userError(new SparkException("failed", new RuntimeException("x")))).isNull();
  }

  @Test
  void knowsAFullDisk() {
    Throwable local = new IOException("No space left on device");
    assertThat(Main.isFullDisk(new SparkException("failed", local))).isTrue();
    assertThat(Main.isFullDisk(new SparkException("failed", new IOException("broken")))).isFalse();
  }
}
