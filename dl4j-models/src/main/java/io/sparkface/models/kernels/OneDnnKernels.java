package io.sparkface.models.kernels;

import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import io.sparkface.base.UserError;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Kernels that call oneDNN on the arrays' own memory: float32 on a CPU. A primitive is compiled
 * when its operation is prepared (tens of milliseconds) and then only run; operations of equal
 * shape share the compiled code through oneDNN's own cache.
 */
public final class OneDnnKernels implements Kernels {
  private static final long CACHE_LINE = 64;
  private static final Map<Integer, String> INSTRUCTION_SETS =
      Map.of(
          dnnl.dnnl_cpu_isa_sse41, "SSE4.1",
          dnnl.dnnl_cpu_isa_avx, "AVX",
          dnnl.dnnl_cpu_isa_avx2, "AVX2",
          dnnl.dnnl_cpu_isa_avx512_core, "AVX-512",
          dnnl.dnnl_cpu_isa_avx512_core_vnni, "AVX-512 VNNI",
          dnnl.dnnl_cpu_isa_avx512_core_bf16, "AVX-512 bf16",
          dnnl.dnnl_cpu_isa_avx512_core_amx, "AVX-512 AMX");

  /** Loads oneDNN; throws {@link UnsatisfiedLinkError} where it does not run. */
  public OneDnnKernels() {
    OneDnnThread.current();
  }

  /** One line for the log: version, instruction set, threads. */
  public String description() {
    dnnl_version_t version = dnnl_version();
    int set = dnnl_get_effective_cpu_isa();
    String threads = System.getenv("OMP_NUM_THREADS");
    return String.format(
        Locale.ROOT,
        "oneDNN %d.%d.%d, %s, %s threads",
        version.major(),
        version.minor(),
        version.patch(),
        INSTRUCTION_SETS.getOrDefault(set, "instruction set " + set),
        threads == null ? Runtime.getRuntime().availableProcessors() : threads);
  }

  @Override
  public Convolution convolution(ConvolutionShape shape, Precision precision) {
    requireSupport(precision);
    return new OneDnnConvolution(shape, precision);
  }

  @Override
  public Normalization normalization(NormalizationShape shape) {
    return new OneDnnNormalization(shape);
  }

  @Override
  public FoldedConvolution foldedConvolution(
      ConvolutionShape shape, Activation activation, Precision precision) {
    requireSupport(precision);
    return new OneDnnFoldedConvolution(
        shape, activation, precision, FoldedConvolution.Result.REPLACES);
  }

  @Override
  public FoldedConvolution addingConvolution(
      ConvolutionShape shape, Activation activation, Precision precision) {
    requireSupport(precision);
    return new OneDnnFoldedConvolution(
        shape, activation, precision, FoldedConvolution.Result.IS_ADDED);
  }

  @Override
  public Addition addition(long length) {
    return new OneDnnAddition(length);
  }

  @Override
  public Momentum momentum(long length, double momentum) {
    return new OneDnnMomentum(length, momentum);
  }

  @Override
  public GlobalAverage globalAverage(int batch, int height, int width, int channels) {
    return new OneDnnGlobalAverage(batch, height, width, channels);
  }

  @Override
  public ChannelActivation activation(NormalizationShape shape) {
    return activationOf(shape);
  }

  @Override
  public Pooling pooling(PoolingShape shape) {
    return new OneDnnPooling(shape);
  }

  @Override
  public ChannelGate gate(int batch, int height, int width, int channels) {
    return new OneDnnChannelGate(batch, height, width, channels);
  }

  @Override
  public RegionCopy copy(Region from, Region to) {
    return new OneDnnRegionCopy(from, to);
  }

  @Override
  public RowNormalization rowNormalization(long rows, long channels, double epsilon) {
    return new OneDnnRowNormalization(rows, channels, epsilon);
  }

  @Override
  public Attention attention(AttentionShape shape) {
    return new OneDnnAttention(shape);
  }

  @Override
  public Matrices matrices() {
    return new OneDnnMatrices();
  }

  @Override
  public void clear(INDArray array) {
    Pointer.memset(DenseFloats.pointer(array), 0, array.length() * Float.BYTES);
  }

  private static void requireSupport(Precision precision) {
    if (!precision.supported()) {
      throw new UserError(
          "this CPU has neither AVX-512 BF16 nor AMX",
          "precision of the plan",
          "use precision = float32, or a CPU that has one of them");
    }
  }

  /** oneDNN has no AconC. */
  static ChannelActivation activationOf(NormalizationShape shape) {
    return shape.activation() == Activation.ACON_C
        ? new Nd4jActivation(shape)
        : new OneDnnActivation(shape);
  }

  @Override
  public INDArray buffer(DataType type, long... shape) {
    return type == DataType.FLOAT ? aligned(shape) : Nd4j.createUninitializedDetached(type, shape);
  }

  @Override
  public boolean same(INDArray left, INDArray right) {
    return DenseFloats.bytes(left).mismatch(DenseFloats.bytes(right)) < 0;
  }

  /** An array outside all workspaces that begins at a cache line; ND4J aligns to 16 bytes only. */
  static INDArray aligned(long... shape) {
    long length = 1;
    for (long size : shape) {
      length *= size;
    }
    INDArray room =
        Nd4j.createUninitializedDetached(DataType.FLOAT, length + CACHE_LINE / Float.BYTES);
    long skipped = Math.floorMod(-DenseFloats.address(room), CACHE_LINE) / Float.BYTES;
    INDArray result = Nd4j.create(room.data(), shape, Nd4j.getStrides(shape, 'c'), skipped, 'c');
    Pointer.memset(DenseFloats.pointer(result), 0, length * Float.BYTES);
    return result;
  }
}
