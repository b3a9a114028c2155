package io.sparkface.pipeline.embed;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.Safetensors;
import io.sparkface.models.interop.SafetensorsFile;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Embeddings kept in a directory, one safetensors file for each model and set of pictures, named by
 * the SHA-256 of both contents: a model or set that changed is embedded anew.
 */
public final class EmbeddingCache {
  private static final String PLAIN = "plain";
  private static final String MIRRORED = "mirrored";

  private final Path directory;
  private final Configuration hadoop;

  public EmbeddingCache(String directory, Configuration hadoop) {
    this.directory = new Path(directory);
    this.hadoop = hadoop;
  }

  /**
   * Names what was embedded: {@code contents} are digests and settings the embeddings depend on.
   */
  public static String key(String... contents) {
    MessageDigest digest = sha256();
    for (String content : contents) {
      digest.update(content.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of a model's content: of the file, or of all files of its directory. */
  public static String fingerprint(String model, Configuration hadoop) {
    MessageDigest digest = sha256();
    try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      for (Path path :
          ModelFile.named(model).map(ModelFile::files).orElse(List.of(new Path(model)))) {
        FileSystem fs = path.getFileSystem(hadoop);
        if (!fs.exists(path)) {
          throw new UserError("there is no such model", path.toString(), "check the path");
        }
        FileStatus[] files =
            fs.getFileStatus(path).isDirectory()
                ? fs.listStatus(path)
                : new FileStatus[] {fs.getFileStatus(path)};
        Arrays.sort(files);
        for (FileStatus file : files) {
          if (file.isFile()) {
            out.write(file.getPath().getName().getBytes(StandardCharsets.UTF_8));
            try (InputStream in = fs.open(file.getPath())) {
              in.transferTo(out);
            }
          }
        }
      }
    } catch (IOException e) {
      throw new UserError("the model cannot be read: " + e.getMessage(), model, "check it", e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The embeddings under {@code key}, where all of {@code views} are there. */
  public Optional<ViewEmbeddings> find(String key, Views views) throws IOException {
    Path file = file(key);
    FileSystem fs = file.getFileSystem(hadoop);
    if (!fs.exists(file)) {
      return Optional.empty();
    }
    SafetensorsFile content;
    try (InputStream in = fs.open(file)) {
      content = Safetensors.read(in, file.toString(), fs.getFileStatus(file).getLen());
    }
    Map<String, INDArray> tensors = content.tensors();
    if (!tensors.containsKey(PLAIN)
        || views == Views.PLAIN_AND_MIRRORED && !tensors.containsKey(MIRRORED)) {
      return Optional.empty();
    }
    Optional<float[][]> mirrored =
        views == Views.PLAIN
            ? Optional.empty()
            : Optional.of(tensors.get(MIRRORED).toFloatMatrix());
    return Optional.of(new ViewEmbeddings(tensors.get(PLAIN).toFloatMatrix(), mirrored));
  }

  /** Keeps embeddings under {@code key}. */
  public void store(String key, ViewEmbeddings embeddings) throws IOException {
    Path file = file(key);
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    tensors.put(PLAIN, Nd4j.createFromArray(embeddings.plain()));
    embeddings.mirrored().ifPresent(rows -> tensors.put(MIRRORED, Nd4j.createFromArray(rows)));
    Replacement.write(file, hadoop, out -> Safetensors.write(out, tensors, Map.of()));
  }

  @Override
  public String toString() {
    return directory.toString();
  }

  private Path file(String key) {
    return new Path(directory, key + ".safetensors");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
