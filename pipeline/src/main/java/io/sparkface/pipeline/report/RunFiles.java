package io.sparkface.pipeline.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.ResultJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Reads files that may be written to at the same time. */
final class RunFiles {
  private final FileSystem fs;

  RunFiles(Path any, Configuration hadoop) throws IOException {
    FileSystem found = any.getFileSystem(hadoop);
    // the checksum of a file that is being written lags behind its content
    this.fs = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
  }

  boolean exists(Path path) throws IOException {
    return fs.exists(path);
  }

  /** Whether two paths lead to one place, though one is relative. */
  boolean same(Path one, Path other) {
    return fs.makeQualified(one).equals(fs.makeQualified(other));
  }

  boolean isDirectory(Path path) throws IOException {
    return fs.exists(path) && fs.getFileStatus(path).isDirectory();
  }

  /** What lies in a directory, by name, without hidden files; nothing where there is none. */
  List<FileStatus> list(Path directory) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    if (isDirectory(directory)) {
      for (FileStatus status : fs.listStatus(directory)) {
        if (!status.getPath().getName().startsWith(".")) {
          found.add(status);
        }
      }
    }
    found.sort((a, b) -> a.getPath().getName().compareTo(b.getPath().getName()));
    return found;
  }

  /** A whole JSON file; empty where there is none. */
  Optional<JsonNode> json(Path file) throws IOException {
    if (!fs.exists(file)) {
      return Optional.empty();
    }
    try (InputStream in = fs.open(file)) {
      return Optional.of(ResultJson.mapper().readTree(in));
    } catch (JsonProcessingException e) {
      throw new UserError(
          "the file is no JSON: " + e.getOriginalMessage(),
          file.toString(),
          "restore it, or leave the run out of the report",
          e);
    }
  }

  /** The objects of a file with one a line; a last line that is not whole yet is left out. */
  void lines(Path file, Consumer<JsonNode> each) throws IOException {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(fs.open(file), StandardCharsets.UTF_8))) {
      int number = 0;
      for (String line = in.readLine(); line != null; ) {
        String next = in.readLine();
        number++;
        try {
          each.accept(ResultJson.mapper().readTree(line));
        } catch (JsonProcessingException e) {
          if (next != null) {
            throw new UserError(
                "the line is no JSON: " + e.getOriginalMessage(),
                file + " line " + number,
                "remove the line, or leave the run out of the report",
                e);
          }
        }
        line = next;
      }
    }
  }
}
