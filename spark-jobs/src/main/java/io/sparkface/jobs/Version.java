package io.sparkface.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Version and commit, from what the build wrote beside this class. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        build.load(in);
      }
    }
    return new String[] {
      "Sparkface "
          + build.getProperty("version", "unknown")
          + " (commit "
          + build.getProperty("git.commit.id.abbrev", "unknown")
          + ")"
    };
  }
}
