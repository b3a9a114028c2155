package io.sparkface.pipeline.align;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.PhotoFile;
import io.sparkface.pipeline.prepare.PersonFolders;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Where photos come from, cut into parts, always in the same way. */
final class PhotoSource {
  private PhotoSource() {}

  /**
   * Parts of person folders, of a folder of photos without people, or of Parquet.
   *
   * @param most photos of a part; a Parquet row group is a part, however many it holds
   */
  static List<PhotoPart> parts(String input, int most, Configuration hadoop) throws IOException {
    Path root = new Path(input);
    FileSystem fs = root.getFileSystem(hadoop);
    if (!fs.exists(root)) {
      throw new UserError("there is no such input", input, "check --input");
    }
    List<FileStatus> entries = new ArrayList<>(Arrays.asList(fs.listStatus(root)));
    entries.removeIf(entry -> hidden(entry.getPath()));
    entries.sort(null);
    List<Path> parquet =
        entries.stream()
            .filter(FileStatus::isFile)
            .map(FileStatus::getPath)
            .filter(path -> path.getName().endsWith(".parquet") && !isList(path))
            .toList();
    List<PhotoPart> parts;
    if (!parquet.isEmpty()) {
      parts = rowGroups(parquet, hadoop);
    } else if (entries.stream().anyMatch(FileStatus::isDirectory)) {
      List<PhotoPart.PictureFile> files = new ArrayList<>();
      for (PersonFolders.Person person : PersonFolders.open(root, hadoop).people()) {
        for (String picture : person.pictures()) {
          files.add(new PhotoPart.PictureFile(person.name(), picture));
        }
      }
      parts = files(files, most);
    } else {
      parts =
          files(
              entries.stream()
                  .map(entry -> entry.getPath())
                  .filter(path -> PersonFolders.isPicture(path.getName()))
                  .map(path -> new PhotoPart.PictureFile(null, path.toString()))
                  .toList(),
              most);
    }
    if (parts.isEmpty()) {
      throw new UserError(
          "there is no photo in it",
          input,
          "name person folders, a folder of pictures, or Parquet with a column 'image'");
    }
    return parts;
  }

  private static boolean hidden(Path path) {
    return path.getName().startsWith(".") || path.getName().startsWith("_");
  }

  /** A face set's list of people, which holds no picture. */
  private static boolean isList(Path path) {
    return path.getName().equals("classes.parquet");
  }

  private static List<PhotoPart> files(List<PhotoPart.PictureFile> files, int most) {
    List<PhotoPart> parts = new ArrayList<>();
    for (int from = 0; from < files.size(); from += most) {
      parts.add(
          new PhotoPart.Files(
              from, new ArrayList<>(files.subList(from, Math.min(files.size(), from + most)))));
    }
    return parts;
  }

  private static List<PhotoPart> rowGroups(List<Path> files, Configuration hadoop)
      throws IOException {
    List<PhotoPart> parts = new ArrayList<>();
    long first = 0;
    for (Path file : files) {
      try (PhotoFile rows = PhotoFile.open(file, hadoop)) {
        for (int group = 0; group < rows.rowGroupCount(); group++) {
          parts.add(new PhotoPart.RowGroup(first, rows.rows(group), file.toString(), group));
          first += rows.rows(group);
        }
      }
    }
    return parts;
  }
}
