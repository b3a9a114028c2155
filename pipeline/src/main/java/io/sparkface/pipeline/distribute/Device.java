package io.sparkface.pipeline.distribute;

import io.sparkface.base.UserError;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * What a worker computes on: the processor, or the GPU that Spark gave its task.
 *
 * @param index among the devices the process sees; 0 for the processor
 * @param name as it is logged
 */
record Device(int index, String name) {
  /** What ND4J's only CUDA library, for CUDA 11.6, holds machine code for; it holds no PTX. */
  private static final List<Capability> COMPILED =
      List.of(
          new Capability(3, 7),
          new Capability(5, 0),
          new Capability(5, 2),
          new Capability(6, 0),
          new Capability(6, 1),
          new Capability(7, 0),
          new Capability(7, 5),
          new Capability(8, 0),
          new Capability(8, 6));

  /** CUDA's number for a generation of devices, as in 8.6. */
  record Capability(int major, int minor) {
    /** Machine code runs on later devices of its major number, never on another one. */
    boolean runs(Capability code) {
      return major == code.major && minor >= code.minor;
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /**
   * The device of this task.
   *
   * @throws UserError for a GPU that the CUDA library cannot run on
   */
  static Device of(TaskContext task) {
    String backend = Nd4j.getBackend().getClass().getSimpleName();
    if (backend.equals("CpuBackend")) {
      return new Device(0, backend);
    }
    ResourceInformation given = task.resourcesJMap().get("gpu");
    return gpu(given == null ? new String[0] : given.addresses(), new NativeGpus());
  }

  /** The GPUs that this process sees. */
  interface Gpus {
    int count();

    String name(int index);

    Capability capability(int index);
  }

  /** As ND4J's CUDA library tells them. */
  private static final class NativeGpus implements Gpus {
    private final NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();

    @Override
    public int count() {
      return ops.getAvailableDevices();
    }

    @Override
    public String name(int index) {
      return ops.getDeviceName(index);
    }

    @Override
    public Capability capability(int index) {
      return new Capability(ops.getDeviceMajor(index), ops.getDeviceMinor(index));
    }
  }

  /**
   * The GPU of a task.
   *
   * @param given by Spark; without any it is the first that the process sees
   */
  static Device gpu(String[] given, Gpus gpus) {
    if (given.length > 1) {
      throw new UserError(
          "Spark gave a worker " + given.length + " GPUs, it uses one",
          "spark.task.resource.gpu.amount",
          "set it and spark.executor.resource.gpu.amount to 1, and ask for as many executors as"
              + " there are GPUs");
    }
    int index = given.length == 0 ? 0 : index(given[0]);
    if (index >= gpus.count()) {
      throw new UserError(
          "Spark gave GPU " + index + ", this process sees " + gpus.count(),
          "spark.executor.resource.gpu.discoveryScript",
          "see that CUDA_VISIBLE_DEVICES of the executors and the discovery script agree");
    }
    Capability capability = gpus.capability(index);
    requireSupported(gpus.name(index), capability);
    return new Device(index, "GPU " + index + " (" + gpus.name(index) + ", " + capability + ")");
  }

  private static int index(String address) {
    try {
      return Integer.parseInt(address);
    } catch (NumberFormatException e) {
      throw new UserError(
          "'" + address + "' is not the number of a GPU",
          "spark.executor.resource.gpu.discoveryScript",
          "let the script print numbers, as Spark's getGpusResources.sh does",
          e);
    }
  }

  static void requireSupported(String name, Capability device) {
    if (COMPILED.stream().noneMatch(device::runs)) {
      throw new UserError(
          name
              + " has compute capability "
              + device
              + ", which ND4J's CUDA library has no code for",
          "the executor's GPU",
          "use devices of "
              + COMPILED
              + " or later of the same major number, or train on CPUs with"
              + " the standard jar; embedding on newer GPUs goes through ONNX");
    }
  }

  /** Makes it the device of this thread. */
  void use() {
    if (!name.equals("CpuBackend")) {
      Nd4j.getAffinityManager().unsafeSetDevice(index);
    }
  }
}
