package io.sparkface.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> NAMES = List.of("mobilefacenet", "mobilenet", "r50");

  @Test
  void findsTheNameATypoMeant() {
    assertThat(Nearest.to("mobilfacenet", NAMES)).contains("mobilefacenet");
    assertThat(Nearest.to("R5", NAMES)).contains("r50");
  }

  @Test
  void offersNothingForANameLikeNone() {
    assertThat(Nearest.to("transformer", NAMES)).isEmpty();
    assertThat(Nearest.advice("transformer", NAMES)).contains("mobilefacenet, mobilenet, r50");
  }
}
