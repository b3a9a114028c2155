package io.sparkface.datasets.recordio;

import java.io.IOException;

/** A record that cannot be read; reading may go on after it. */
public final class BadRecord extends IOException {
  private static final long serialVersionUID = 1L;

  private final long offset;

  BadRecord(long offset, String reason) {
    super(reason);
    this.offset = offset;
  }

  /** Byte of the file at which the record starts. */
  public long offset() {
    return offset;
  }
}
