package io.sparkface.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class UserErrorTest {
  @Test
  void messageSaysWhatWhereAndWhatToDo() {
    UserError error = new UserError("wrong magic 0x1", "train.rec byte 12", "copy the file again");
    assertThat(error)
        .hasMessage("wrong magic 0x1\n  at: train.rec byte 12\n  to do: copy the file again");
  }

  @Test
  void isFoundAgainInAStackTrace() {
    UserError error = new UserError("not a\npicture", "a.rec byte 8", "remove it");
    StringWriter trace = new StringWriter();
    new IllegalStateException("task 3 failed", error).printStackTrace(new PrintWriter(trace));
    UserError found = UserError.printedIn("Job aborted: " + trace).orElseThrow();
    assertThat(found.getMessage()).isEqualTo(error.getMessage());
    assertThat(found.remedy()).isEqualTo("remove it");
    assertThat(UserError.printedIn("java.lang.IllegalStateException: no\n  at: all")).isEmpty();
  }
}
