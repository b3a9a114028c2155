package io.sparkface.datasets.faces;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A complete face set: a directory of Parquet files, its manifest and its success marker. */
public final class FaceSet implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Path directory;
  private final FaceSetManifest manifest;
  private final List<String> files;
  private final List<RowGroup> rowGroups;
  private final long largestKey;
  private final long bytes;
  private final String fingerprint;

  private FaceSet(
      Path directory,
      FaceSetManifest manifest,
      List<String> files,
      List<RowGroup> rowGroups,
      long largestKey,
      long bytes,
      String fingerprint) {
    this.fingerprint = fingerprint;
    this.largestKey = largestKey;
    this.bytes = bytes;
    this.directory = directory;
    this.manifest = manifest;
    this.files = List.copyOf(files);
    this.rowGroups = List.copyOf(rowGroups);
  }

  /**
   * @throws UserError when the set is missing, incomplete, or not what its manifest says
   */
  public static FaceSet open(Path directory, Configuration hadoop) {
    try {
      FileSystem fs = directory.getFileSystem(hadoop);
      Path manifestFile = new Path(directory, FaceSetManifest.FILE);
      if (!fs.exists(new Path(directory, FaceSetManifest.SUCCESS)) || !fs.exists(manifestFile)) {
        throw new UserError(
            "not a complete face set: "
                + FaceSetManifest.SUCCESS
                + " or "
                + FaceSetManifest.FILE
                + " is missing",
            directory.toString(),
            "name a set that prepare or drop-topk finished");
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      FaceSetManifest manifest;
      try (InputStream in = fs.open(manifestFile)) {
        byte[] json = in.readAllBytes();
        digest.update(json);
        manifest = new ObjectMapper().readValue(json, FaceSetManifest.class);
      }
      List<String> files = new ArrayList<>();
      List<RowGroup> groups = new ArrayList<>();
      long rows = 0;
      long bytes = 0;
      long largestKey = -1;
      FileStatus[] found = fs.globStatus(new Path(directory, "part-*.parquet"));
      Arrays.sort(found);
      for (FileStatus status : found) {
        String name = status.getPath().toString();
        files.add(name);
        try (FaceFile file = FaceFile.open(status.getPath(), hadoop)) {
          largestKey = Math.max(largestKey, file.largestKey());
          bytes += file.images().getFileSystem(hadoop).getFileStatus(file.images()).getLen();
          digest.update(
              (status.getPath().getName() + " " + status.getLen() + "\n")
                  .getBytes(StandardCharsets.UTF_8));
          for (int i = 0; i < file.rowGroupCount(); i++) {
            groups.add(new RowGroup(name, i, file.rows(i)));
            rows += file.rows(i);
          }
        }
      }
      if (rows != manifest.rows()) {
        throw new UserError(
            "the set has " + rows + " images, its manifest says " + manifest.rows(),
            directory.toString(),
            "run the job that wrote it again");
      }
      return new FaceSet(
          directory,
          manifest,
          files,
          groups,
          largestKey,
          bytes,
          HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      throw new UserError(
          "the face set cannot be read: " + e.getMessage(),
          directory.toString(),
          "check the path",
          e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public FaceSetManifest manifest() {
    return manifest;
  }

  public int identities() {
    return manifest.identities();
  }

  /**
   * SHA-256 of the manifest and of its files' names and lengths: tells sets apart, and is the same
   * for a copy of a set elsewhere.
   */
  public String fingerprint() {
    return fingerprint;
  }

  /** Parquet files, by name. */
  public List<String> files() {
    return files;
  }

  /** No image of the set has a larger key. */
  public long largestKey() {
    return largestKey;
  }

  /** Size of the files that hold its images. */
  public long bytes() {
    return bytes;
  }

  /** Names and numbers of images of the identities, by label. */
  public List<FaceClass> classes(Configuration hadoop) {
    return FaceClass.read(new Path(directory, FaceClass.FILE), hadoop);
  }

  /** Row groups of all files, in their order. */
  public List<RowGroup> rowGroups() {
    return rowGroups;
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
