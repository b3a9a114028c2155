package io.sparkface.pipeline.checkpoint;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A directory that is either whole or not there: its files are written under a temporary name,
 * their SHA-256 sums last, and the directory is then renamed. Reading checks the sums.
 */
final class SealedDirectory {
  static final String CHECKSUMS = "checksums.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Writes one file of the directory. */
  interface FileBody {
    void writeTo(OutputStream out) throws IOException;
  }

  private SealedDirectory() {}

  /** Writes {@code files} to {@code target}, in place of what is there. */
  static void write(Path target, Map<String, FileBody> files, Configuration hadoop)
      throws IOException {
    FileSystem fs = target.getFileSystem(hadoop);
    Replacement place = new Replacement(fs, target);
    place.recover();
    Path temporary = new Path(target.getParent(), "." + target.getName() + ".tmp");
    fs.delete(temporary, true);
    fs.mkdirs(temporary);
    Map<String, String> sums = new TreeMap<>();
    for (Map.Entry<String, FileBody> file : files.entrySet()) {
      MessageDigest digest = sha256();
      try (OutputStream out =
          new DigestOutputStream(fs.create(new Path(temporary, file.getKey())), digest)) {
        file.getValue().writeTo(out);
      }
      sums.put(file.getKey(), HexFormat.of().formatHex(digest.digest()));
    }
    try (OutputStream out = fs.create(new Path(temporary, CHECKSUMS))) {
      out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(sums));
    }
    place.by(temporary);
  }

  /** Checks every file against its sum; a {@link UserError} names the one that differs. */
  static void verify(Path directory, Configuration hadoop) {
    try {
      FileSystem fs = directory.getFileSystem(hadoop);
      Path list = new Path(directory, CHECKSUMS);
      if (!fs.exists(list)) {
        throw new UserError(
            "not a complete Sparkface model: it has no " + CHECKSUMS,
            directory.toString(),
            "name a directory that `train` wrote, such as RUN/model");
      }
      Map<String, String> sums;
      try (InputStream in = fs.open(list)) {
        sums = JSON.readValue(in, new TypeReference<>() {});
      }
      for (Map.Entry<String, String> entry : sums.entrySet()) {
        Path file = new Path(directory, new Path(entry.getKey()).getName());
        if (!entry.getValue().equals(sumOf(fs, file))) {
          throw new UserError(
              "the file does not have the content it was written with",
              file.toString(),
              "copy the model again, or use an older checkpoint");
        }
      }
    } catch (IOException e) {
      throw new UserError(
          "the model cannot be read: " + e.getMessage(),
          directory.toString(),
          "name a directory that `train` wrote",
          e);
    }
  }

  private static String sumOf(FileSystem fs, Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(fs.open(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
