package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.distribute.Device.Capability;
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
}
