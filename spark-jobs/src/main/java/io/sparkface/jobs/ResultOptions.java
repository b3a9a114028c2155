package io.sparkface.jobs;

import java.io.IOException;
import picocli.CommandLine.Option;

/** How a job prints its result on standard output. */
final class ResultOptions {
  @Option(names = "--json", description = "Print the result as JSON, on one line.")
  private boolean json;

  boolean json() {
    return json;
  }

  /** Prints a result as it was asked for: JSON, or lines of name and value for people. */
  void print(Object result, Application application) throws IOException {
    if (json) {
      application.print(result);
    } else {
      application.show(result);
    }
  }
}
