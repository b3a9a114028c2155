package io.sparkface.pipeline.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Style sheets and scripts of the page, which stand in it. */
final class Style {
  private Style() {}

  /** Colours, light and dark, and the plots'. */
  static String plots() {
    return resource("plots.css");
  }

  static String page() {
    return resource("page.css");
  }

  /** Changes between light and dark. */
  static String themeScript() {
    return resource("theme.js");
  }

  /** Brings a page that is served up to date. */
  static String watchScript() {
    return resource("watch.js");
  }

  /** What a content security policy lets a script run by. */
  static String digest(String script) {
    try {
      return "'sha256-"
          + Base64.getEncoder()
              .encodeToString(
                  MessageDigest.getInstance("SHA-256")
                      .digest(script.getBytes(StandardCharsets.UTF_8)))
          + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = Style.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
