package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.IdentityName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with one folder a person (spec 1.7); people without a picture, and names that begin with
 * a dot or an underscore, are left out.
 */
public final class PersonFolders {
  private static final Logger LOG = LoggerFactory.getLogger(PersonFolders.class);
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "bmp", "pgm", "ppm");

  private final Path root;
  private final List<Person> people;
  private final long bytes;

  /**
   * One person.
   *
   * @param name of the folder
   * @param pictures paths, by name
   */
  public record Person(String name, List<String> pictures) {}

  private PersonFolders(Path root, List<Person> people, long bytes) {
    this.root = root;
    this.bytes = bytes;
    this.people = List.copyOf(people);
  }

  /**
   * @throws UserError when there is no picture, or a folder's name cannot be an identity
   */
  public static PersonFolders open(Path root, Configuration hadoop) throws IOException {
    FileSystem fs = root.getFileSystem(hadoop);
    if (!fs.exists(root)) {
      throw new UserError("there is no such folder", root.toString(), "check the path");
    }
    List<Person> people = new ArrayList<>();
    long strays = 0;
    long bytes = 0;
    for (FileStatus person : fs.listStatus(root)) {
      if (isHidden(person.getPath().getName())) {
        continue;
      }
      if (!person.isDirectory()) {
        strays++;
        continue;
      }
      IdentityName.check(person.getPath().getName(), person.getPath().toString());
      List<String> pictures = new ArrayList<>();
      for (FileStatus file : fs.listStatus(person.getPath())) {
        if (file.isFile() && isPicture(file.getPath().getName())) {
          pictures.add(file.getPath().toString());
          bytes += file.getLen();
        } else {
          strays++;
        }
      }
      pictures.sort(null);
      if (!pictures.isEmpty()) {
        people.add(new Person(person.getPath().getName(), pictures));
      }
    }
    if (strays > 0) {
      LOG.warn(
          "{} entries of {} are not pictures in person folders and are left out", strays, root);
    }
    if (people.isEmpty()) {
      throw new UserError(
          "there is no picture in a person folder",
          root.toString(),
          "name a folder whose folders, one a person, hold " + EXTENSIONS);
    }
    people.sort(Comparator.comparing(Person::name));
    return new PersonFolders(root, people, bytes);
  }

  /** Whether a file's name ends as a picture's. */
  public static boolean isPicture(String name) {
    return EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  /** Hadoop's convention: what a job keeps beside its data. */
  private static boolean isHidden(String name) {
    return name.startsWith("_") || name.startsWith(".");
  }

  /** By name. */
  public List<Person> people() {
    return people;
  }

  /** Size of all pictures. */
  public long bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
