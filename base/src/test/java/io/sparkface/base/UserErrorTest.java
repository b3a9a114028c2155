package io.sparkface.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UserErrorTest {
  @Test
  void messageSaysWhatWhereAndWhatToDo() {
    UserError error = new UserError("wrong magic 0x1", "train.rec byte 12", "copy the file again");
    assertThat(error)
        .hasMessage("wrong magic 0x1\n  at: train.rec byte 12\n  to do: copy the file again");
  }
}
