package io.sparkface.pipeline.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.models.interop.Safetensors;
import io.sparkface.models.interop.SafetensorsFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A model on disk: {@code model.json} ({@link ModelCard}), {@code weights.safetensors} (every
 * parameter under its name in the graph, {@code layer_parameter}), and in a checkpoint also {@code
 * updater.safetensors} and {@code state.json}; {@code checksums.json} last.
 */
public final class ModelDirectory {
  private static final String CARD = "model.json";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String UPDATER = "updater.safetensors";
  private static final String STATE = "state.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Configuration hadoop;

  private ModelDirectory(Path directory, Configuration hadoop) {
    this.directory = directory;
    this.hadoop = hadoop;
  }

  /** Opens a model, after checking every file's sum. */
  public static ModelDirectory open(String directory, Configuration hadoop) {
    Path path = new Path(directory);
    SealedDirectory.verify(path, hadoop);
    return new ModelDirectory(path, hadoop);
  }

  /** Writes a model for use: card and weights. */
  public static void write(
      String directory, ModelCard card, ComputationGraph graph, Configuration hadoop)
      throws IOException {
    SealedDirectory.write(new Path(directory), model(card, graph), hadoop);
  }

  /** Writes a checkpoint: a model, and what is needed to go on training it. */
  public static void writeCheckpoint(
      String directory,
      ModelCard card,
      ComputationGraph graph,
      TrainingState state,
      Configuration hadoop)
      throws IOException {
    Map<String, SealedDirectory.FileBody> files = model(card, graph);
    INDArray updater = graph.getUpdater().getStateViewArray();
    if (updater != null) {
      files.put(
          UPDATER, out -> Safetensors.write(out, Map.of("state", updater.reshape(-1)), Map.of()));
    }
    files.put(STATE, out -> out.write(JSON.writeValueAsBytes(state)));
    SealedDirectory.write(new Path(directory), files, hadoop);
  }

  private static Map<String, SealedDirectory.FileBody> model(
      ModelCard card, ComputationGraph graph) {
    Map<String, SealedDirectory.FileBody> files = new LinkedHashMap<>();
    files.put(
        CARD, out -> out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(card)));
    files.put(
        WEIGHTS, out -> Safetensors.write(out, graph.paramTable(), Map.of("format", "sparkface")));
    return files;
  }

  /** The card; a {@link UserError} where it is of a newer format. */
  public ModelCard card() {
    ModelCard card = json(CARD, ModelCard.class);
    if (card.format() != ModelCard.FORMAT) {
      throw new UserError(
          "model format " + card.format() + " is not known to this version",
          new Path(directory, CARD).toString(),
          "use the Sparkface version that wrote it");
    }
    return card;
  }

  /** Where the run stood; only in a checkpoint. */
  public TrainingState state() {
    return json(STATE, TrainingState.class);
  }

  /** Every stored parameter. */
  public Map<String, INDArray> weights() {
    return tensors(WEIGHTS).tensors();
  }

  /** One stored parameter. */
  public INDArray weight(String name) {
    INDArray found = weights().get(name);
    if (found == null) {
      throw new UserError(
          "the model has no parameter '" + name + "'",
          new Path(directory, WEIGHTS).toString(),
          "use a model that was trained with a margin head");
    }
    return found;
  }

  /** The sizes of a stored parameter, found without reading any value; empty where it is none. */
  public Optional<long[]> shape(String name) {
    Path file = new Path(directory, WEIGHTS);
    try (InputStream in = fs().open(file)) {
      return Safetensors.shape(in, name, file.toString(), fs().getFileStatus(file).getLen());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Sets every parameter of {@code graph}; all must be there, of the same shape. */
  public void restore(ComputationGraph graph) {
    copy(weights(), graph.paramTable());
  }

  /** Sets the parameters of {@code graph} except those of {@code vertices}. */
  public void restoreExcept(ComputationGraph graph, Iterable<String> vertices) {
    Map<String, INDArray> wanted = new LinkedHashMap<>(graph.paramTable());
    vertices.forEach(vertex -> wanted.keySet().removeIf(key -> key.startsWith(vertex + "_")));
    copy(weights(), wanted);
  }

  private void copy(Map<String, INDArray> stored, Map<String, INDArray> into) {
    into.forEach(
        (name, parameter) -> {
          INDArray value = stored.get(name);
          if (value == null || value.length() != parameter.length()) {
            throw new UserError(
                "parameter '"
                    + name
                    + "' is "
                    + (value == null ? "missing" : Arrays.toString(value.shape()))
                    + ", the network needs "
                    + Arrays.toString(parameter.shape()),
                new Path(directory, WEIGHTS).toString(),
                "use a model of the same network");
          }
          // assign, not setParam: SameDiff layers ignore setParam without a word
          parameter.assign(value.reshape(parameter.shape()));
        });
  }

  /**
   * Sets the updater's state (momentum) of {@code graph}; a {@link UserError} where the stored one
   * is missing or of another length.
   */
  public void restoreUpdater(ComputationGraph graph) throws IOException {
    INDArray state = graph.getUpdater().getStateViewArray();
    if (state == null) {
      return;
    }
    INDArray stored = updater();
    if (stored == null || stored.length() != state.length()) {
      throw new UserError(
          "the optimiser's state is "
              + (stored == null ? "missing" : stored.length() + " numbers")
              + ", this plan needs "
              + state.length(),
          new Path(directory, UPDATER).toString(),
          "use a checkpoint of the same network, optimiser and stage");
    }
    state.assign(stored.reshape(state.shape()));
  }

  /** The updater's state as one vector, or null where none was written. */
  public INDArray updater() throws IOException {
    return exists(UPDATER) ? tensors(UPDATER).tensors().get("state") : null;
  }

  private boolean exists(String file) throws IOException {
    return fs().exists(new Path(directory, file));
  }

  private FileSystem fs() throws IOException {
    return directory.getFileSystem(hadoop);
  }

  private SafetensorsFile tensors(String name) {
    Path file = new Path(directory, name);
    try (InputStream in = fs().open(file)) {
      return Safetensors.read(in, file.toString(), fs().getFileStatus(file).getLen());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private <T> T json(String name, Class<T> type) {
    Path file = new Path(directory, name);
    try (InputStream in = fs().open(file)) {
      return JSON.readValue(in, type);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UserError unreadable(Path file, IOException e) {
    return new UserError(
        "the file cannot be read: " + e.getMessage(),
        file.toString(),
        "name a directory that `train` wrote",
        e);
  }
}
