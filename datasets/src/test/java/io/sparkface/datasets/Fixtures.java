package io.sparkface.datasets;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real input that lies beside the checkout and is not part of it. */
public final class Fixtures {
  private Fixtures() {}

  /** A fixture's path; where it is absent the test is skipped and says so. */
  public static Path path(String name) {
    Path found = root().resolve(name);
    assumeTrue(Files.exists(found), () -> "skipped: fixture " + name + " is not on this machine");
    return found;
  }

  /**
   * The folder that system property {@code sparkface.fixtures} names, or one beside the checkout.
   */
  private static Path root() {
    String named = System.getProperty("sparkface.fixtures", "");
    if (!named.isBlank() && Files.isDirectory(Path.of(named))) {
      return Path.of(named);
    }
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/fixtures"))) {
      folder = folder.getParent();
    }
    return folder == null ? Path.of("absent") : folder.resolve("shared/fixtures");
  }
}
