package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.distribute.Device.Capability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceTest {
  @ParameterizedTest
  @CsvSource({"Tesla V100,7,0", "Tesla T4,7,5", "A100,8,0", "A10,8,6", "L4,8,9", "K80,3,7"})
  void runsOnWhatItHoldsCodeFor(String name, int major, int minor) {
    assertThatCode(() -> Device.requireSupported(name, new Capability(major, minor)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"H100,9,0", "B200,10,0", "K40,3,5", "Fermi,2,0"})
  void refusesOthersByName(String name, int major, int minor) {
    assertThatThrownBy(() -> Device.requireSupported(name, new Capability(major, minor)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(name + " has compute capability " + major + "." + minor)
        .hasMessageContaining("train on CPUs");
  }

  /** Two devices, the second of which is too new. */
  private static final Device.Gpus GPUS =
      new Device.Gpus() {
        @Override
        public int count() {
          return 2;
        }

        @Override
        public String name(int index) {
          return index == 0 ? "A10" : "H100";
        }

        @Override
        public Capability capability(int index) {
          return index == 0 ? new Capability(8, 6) : new Capability(9, 0);
        }
      };

  @Test
  void aWorkerComputesOnTheGpuThatSparkGaveIt() {
    assertThat(Device.gpu(new String[] {"0"}, GPUS)).isEqualTo(new Device(0, "GPU 0 (A10, 8.6)"));
    assertThat(Device.gpu(new String[0], GPUS).index()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|H100 has compute capability 9.0",
        "2|Spark gave GPU 2, this process sees 2",
        "GPU-7a|'GPU-7a' is not the number of a GPU",
        "0,1|Spark gave a worker 2 GPUs"
      })
  void aGpuThatCannotBeUsedIsRefused(String given, String message) {
    assertThatThrownBy(() -> Device.gpu(given.split(","), GPUS))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(message);
  }
}
