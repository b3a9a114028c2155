package io.sparkface.models.kernels;

import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which kernels this process uses: oneDNN on the CPU backend, ND4J's own operations elsewhere. */
final class KernelChoice {
  private static final Logger LOG = LoggerFactory.getLogger(KernelChoice.class);
  private static final String OPTION = "sparkface.kernels";
  private static final List<String> NAMES = List.of("onednn", "nd4j");

  private KernelChoice() {}

  static Kernels of(DataType type) {
    return type == DataType.FLOAT ? ForFloat.KERNELS : Portable.KERNELS;
  }

  /** Loaded when first asked for, so that a machine without oneDNN never touches it. */
  private static final class ForFloat {
    static final Kernels KERNELS = choose(System.getProperty(OPTION));
  }

  private static final class Portable {
    static final Kernels KERNELS = new Nd4jKernels();
  }

  private static Kernels choose(String forced) {
    if (forced != null && !NAMES.contains(forced)) {
      throw new UserError(
          "unknown kernels '" + forced + "'", "-D" + OPTION, Nearest.advice(forced, NAMES));
    }
    boolean cpu = Nd4j.getBackend().getClass().getSimpleName().equals("CpuBackend");
    if ("nd4j".equals(forced) || (forced == null && !cpu)) {
      LOG.info("kernels: ND4J on {}", Nd4j.getBackend().getClass().getSimpleName());
      return Portable.KERNELS;
    }
    if (!cpu) {
      throw new UserError(
          "oneDNN computes on CPU memory only",
          "-D" + OPTION + "=onednn",
          "drop the option or use the build with the CPU backend");
    }
    try {
      OneDnnKernels kernels = new OneDnnKernels();
      LOG.info("kernels: {}", kernels.description());
      return kernels;
    } catch (UnsatisfiedLinkError missing) {
      if (forced != null) {
        throw new UserError(
            "oneDNN's library cannot be loaded: " + missing.getMessage(),
            "-D" + OPTION + "=onednn",
            "use a platform the jar holds it for, or -D" + OPTION + "=nd4j",
            missing);
      }
      LOG.warn("kernels: ND4J, slow: oneDNN's library cannot be loaded: {}", missing.getMessage());
      return Portable.KERNELS;
    }
  }
}
