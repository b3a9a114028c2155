package io.sparkface.datasets.faces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassNumberingTest {
  @Test
  void numbersAreRankedByValueAndGapsClosed() {
    assertThat(new ClassNumbering(List.of("10", "9", "007", "2")).names())
        .containsExactly("2", "007", "9", "10");
    assertThat(new ClassNumbering(List.of("10", "9")).label("10")).isEqualTo(1);
  }

  @Test
  void oneWordMakesThemAllWords() {
    assertThat(new ClassNumbering(List.of("10", "9", "x")).names()).containsExactly("10", "9", "x");
  }

  @Test
  void namesThatLeadElsewhereAreRefused() {
    assertThatThrownBy(() -> IdentityName.check("..", "here")).isInstanceOf(UserError.class);
    assertThatThrownBy(() -> IdentityName.check("a/b", "here")).isInstanceOf(UserError.class);
    assertThat(IdentityName.check("Ana María", "here")).isEqualTo("Ana María");
  }
}
