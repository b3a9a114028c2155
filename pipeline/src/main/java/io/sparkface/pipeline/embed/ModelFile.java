package io.sparkface.pipeline.embed;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.keras.KerasModel;
import io.sparkface.models.interop.mxnet.MxnetIresnet;
import io.sparkface.models.interop.mxnet.MxnetModel;
import io.sparkface.models.interop.onnx.NetworkExport;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.PixelInput;
import io.sparkface.models.interop.torch.TorchMobileFaceNet;
import io.sparkface.models.interop.torch.TorchNetwork;
import io.sparkface.models.interop.torch.TorchWeights;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A model of others, known by its path.
 *
 * @param location as the user names it
 * @param format what it is
 * @param files it consists of
 */
public record ModelFile(String location, Format format, List<Path> files) {
  private static final long MOST_BYTES = (2L << 30) - 1024;
  private static final Map<String, Format> ENDINGS =
      Map.of(
          ".onnx", Format.ONNX,
          ".h5", Format.KERAS,
          ".pth", Format.TORCH,
          ".pt", Format.TORCH,
          ".safetensors", Format.TORCH);
  private static final Pattern PREFIX_AND_EPOCH = Pattern.compile("(.+),(\\d{1,9})");

  /** Kinds of files that hold models. */
  public enum Format {
    /** {@code x.onnx}. */
    ONNX("ONNX"),
    /** {@code prefix,epoch}: {@code prefix-symbol.json} and {@code prefix-0000.params}. */
    MXNET("MXNet"),
    /** {@code x.h5}, a whole model. */
    KERAS("Keras"),
    /** {@code x.pth}, {@code x.pt}, {@code x.safetensors}: a state dict. */
    TORCH("PyTorch");

    private final String title;

    Format(String title) {
      this.title = title;
    }

    /** The framework's name. */
    public String title() {
      return title;
    }
  }

  /** The model of others that a path names; empty where it is none, but a directory perhaps. */
  public static Optional<ModelFile> named(String model) {
    Matcher mxnet = PREFIX_AND_EPOCH.matcher(model);
    if (mxnet.matches()) {
      String prefix = mxnet.group(1);
      int epoch = Integer.parseInt(mxnet.group(2));
      return Optional.of(
          new ModelFile(
              model,
              Format.MXNET,
              List.of(
                  new Path(prefix + "-symbol.json"),
                  new Path(String.format(Locale.ROOT, "%s-%04d.params", prefix, epoch)))));
    }
    return ENDINGS.keySet().stream()
        .filter(model::endsWith)
        .findFirst()
        .map(end -> new ModelFile(model, ENDINGS.get(end), List.of(new Path(model))));
  }

  /** The network of a path as ONNX, as {@link #read(Configuration)}. */
  public static OnnxModel read(String model, Configuration hadoop) {
    return named(model)
        .orElseThrow(
            () ->
                new UserError(
                    "not a kind of model that is known",
                    model,
                    "name an .onnx, .h5, .pth or .safetensors file, or an MXNet model as"
                        + " prefix,epoch"))
        .read(hadoop);
  }

  /**
   * The network as ONNX.
   *
   * @throws UserError when a file is missing, damaged, of another kind, holds what cannot be
   *     translated, or asks for anything outside itself
   */
  public OnnxModel read(Configuration hadoop) {
    return switch (format) {
      case ONNX -> OnnxModel.read(bytes(files.get(0), hadoop), location);
      case KERAS -> KerasModel.read(bytes(files.get(0), hadoop), location);
      case TORCH -> network(weights(hadoop));
      case MXNET ->
          carded(
              MxnetModel.read(bytes(files.get(0), hadoop), bytes(files.get(1), hadoop), location),
              Normalisation.RAW);
    };
  }

  /** The weights of a PyTorch or MXNet model as a PyTorch state dict. */
  public Map<String, Tensor> weights(Configuration hadoop) {
    return format == Format.MXNET
        ? MxnetIresnet.state(bytes(files.get(0), hadoop), bytes(files.get(1), hadoop), location)
        : TorchWeights.read(bytes(files.get(0), hadoop), location);
  }

  /** The bytes of a file that is a model by itself. */
  public byte[] content(Configuration hadoop) {
    return bytes(files.get(0), hadoop);
  }

  private OnnxModel network(Map<String, Tensor> state) {
    if (TorchMobileFaceNet.fits(state)) {
      return TorchMobileFaceNet.of(state, location);
    }
    NetworkSpec network =
        TorchNetwork.network(state)
            .orElseThrow(
                () ->
                    new UserError(
                        "the names of the weights tell no network that is known",
                        location,
                        "use arcface_torch's iresnet or mbf, or export the model as ONNX"));
    ComputationGraph graph = TrainingGraph.embeddingOnly(network);
    TorchNetwork.copy(state, graph, location);
    return NetworkExport.of(graph, network, PixelInput.NORMALISED, Optional.empty());
  }

  /** With the pixels its framework's networks always take. */
  private OnnxModel carded(OnnxModel model, Normalisation normalisation) {
    return new OnnxCard(
            OnnxCard.FORMAT,
            "RGB, float32 pixels, 0 to 255",
            normalisation,
            "float32",
            false,
            Map.of(),
            Map.of("file", files.get(0).getName(), "framework", format.title()))
        .in(model);
  }

  static byte[] bytes(Path path, Configuration hadoop) {
    try {
      FileSystem fs = path.getFileSystem(hadoop);
      if (!fs.exists(path)) {
        throw new UserError("there is no such model", path.toString(), "check the path");
      }
      if (fs.getFileStatus(path).getLen() > MOST_BYTES) {
        throw new UserError(
            "the model is larger than 2 GiB", path.toString(), "use a model in one smaller file");
      }
      try (InputStream in = fs.open(path)) {
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw new UserError(
          "the model cannot be read: " + e.getMessage(), path.toString(), "check the path", e);
    }
  }
}
