package io.sparkface.jobs;

import picocli.CommandLine.Option;

/** What becomes of input that cannot be read. */
final class BadRecordOptions {
  enum Answer {
    fail,
    quarantine
  }

  @Option(
      names = "--on-bad-record",
      description = "fail (default), or quarantine: leave out what cannot be read, and list it.")
  private Answer answer = Answer.fail;

  @Option(
      names = "--max-bad-records",
      description = "Most records or photos that quarantine leaves out (default 100).")
  private long most = 100;

  /** How many are left out before the job ends as failed. */
  long most() {
    return answer == Answer.quarantine ? most : 0;
  }
}
