package io.sparkface.models.kernels;

import org.bytedeco.dnnl.global.dnnl;

/** In which numbers convolutions multiply. Parameters, sums and activations are always float32. */
public enum Precision {
  FLOAT32,
  /**
   * Factors are rounded to bfloat16 (8 bits of mantissa), products are added up in float32: about
   * twice the arithmetic per second on CPUs with AVX-512 BF16 or AMX.
   */
  BF16;

  /** Whether this machine multiplies so by itself and not in slow emulation. */
  public boolean supported() {
    return this == FLOAT32 || Bf16.NATIVE;
  }

  /** Loaded when first asked for, as it loads oneDNN. */
  private static final class Bf16 {
    static final boolean NATIVE = ask();

    private static boolean ask() {
      try {
        int set = dnnl.dnnl_get_effective_cpu_isa();
        return (set & dnnl.dnnl_cpu_isa_avx512_core_bf16) == dnnl.dnnl_cpu_isa_avx512_core_bf16;
      } catch (UnsatisfiedLinkError missing) {
        return false;
      }
    }
  }
}
