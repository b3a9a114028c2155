package io.sparkface.jobs;

import java.net.URI;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import picocli.CommandLine.ITypeConverter;

/**
 * A path of the command line as executors have to be told it: their working directory is another
 * one, so that a relative name of a local file would be found by the driver and by none of them. On
 * HDFS and object stores such a name means the same everywhere, and in one JVM it may stay too.
 */
final class ClusterPath implements ITypeConverter<String> {
  private static final Predicate<String> WITH_SCHEME =
      Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*:/").asPredicate();

  @Override
  public String convert(String path) {
    String master = System.getProperty("spark.master", "local");
    boolean alone = master.equals("local") || master.startsWith("local[");
    return alone || path.isEmpty() || WITH_SCHEME.test(path) || !defaultIsLocal()
        ? path
        : Path.of(path).toAbsolutePath().toString();
  }

  private static boolean defaultIsLocal() {
    String of =
        System.getProperty(
            "spark.hadoop." + FileSystem.FS_DEFAULT_NAME_KEY,
            new Configuration().get(FileSystem.FS_DEFAULT_NAME_KEY, FileSystem.DEFAULT_FS));
    return "file".equals(URI.create(of).getScheme());
  }
}
