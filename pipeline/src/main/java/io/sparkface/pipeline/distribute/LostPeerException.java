package io.sparkface.pipeline.distribute;

import java.io.IOException;

/** A neighbour is gone or silent; what happened there is known to others. */
final class LostPeerException extends IOException {
  private static final long serialVersionUID = 1L;

  LostPeerException(String message) {
    super(message);
  }

  LostPeerException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether {@code error} came of the loss of a neighbour. */
  static boolean behind(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof LostPeerException) {
        return true;
      }
    }
    return false;
  }
}
