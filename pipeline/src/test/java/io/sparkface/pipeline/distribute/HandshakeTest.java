package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private static int greet(byte[] caller, byte[] answerer, int rank, int workers)
      throws IOException {
    PipedInputStream toAnswerer = new PipedInputStream();
    PipedInputStream toCaller = new PipedInputStream();
    PipedOutputStream fromCaller = new PipedOutputStream(toAnswerer);
    PipedOutputStream fromAnswerer = new PipedOutputStream(toCaller);
    CompletableFuture<Integer> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try (fromAnswerer) {
                return new Handshake(answerer).answer(toAnswerer, fromAnswerer, workers);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try (fromCaller) {
      new Handshake(caller).call(toCaller, fromCaller, rank);
    }
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw ((UncheckedIOException) e.getCause()).getCause();
    }
  }

  @Test
  void bothSidesProveTheSecret() throws IOException {
    byte[] secret = Handshake.newSecret();
    assertThat(greet(secret, secret, 3, 4)).isEqualTo(3);
    assertThatThrownBy(() -> greet(secret, Handshake.newSecret(), 0, 4))
        .hasMessageContaining("secret");
    assertThatThrownBy(() -> greet(secret, secret, 4, 4)).isInstanceOf(IOException.class);
  }

  @Test
  void aCallerWithoutTheSecretIsRefused() {
    // all that can be seen of a greeting, with the proof of another secret
    byte[] forged = new byte[4 + 1 + 4 + 32 + 32];
    forged[0] = 'S';
    forged[1] = 'P';
    forged[2] = 'K';
    forged[3] = 'F';
    forged[4] = 1;
    assertThatThrownBy(
            () ->
                new Handshake(Handshake.newSecret())
                    .answer(new ByteArrayInputStream(forged), OutputStream.nullOutputStream(), 4))
        .hasMessageContaining("secret");
  }

  /** Whatever arrives before the proof is refused as an input error and nothing else. */
  @FuzzTest
  void strangersAreRefused(byte[] bytes) {
    assertThatThrownBy(
            () ->
                new Handshake(new byte[32])
                    .answer(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream(), 4))
        .isInstanceOf(IOException.class);
  }

  /** A report is JSON of a known kind or an input error. */
  @FuzzTest
  void reportsAreParsedWithLimits(byte[] bytes) {
    try {
      Report.read(new java.io.DataInputStream(new ByteArrayInputStream(bytes)));
    } catch (IOException refused) {
      // as it should be
    }
  }
}
