package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerAddressTest {
  private static WorkerAddress at(String executor, String host, String address) {
    return new WorkerAddress(executor, host, address, 4000);
  }

  @Test
  void loopbackIsRefusedWithSeveralHosts() {
    assertThatThrownBy(
            () ->
                WorkerAddress.requireReachable(
                    List.of(at("0", "a", "10.0.0.1"), at("1", "b", "127.0.0.1"))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("worker on b would listen on 127.0.0.1")
        .hasMessageContaining("distribute.network");
    assertThatCode(
            () ->
                WorkerAddress.requireReachable(
                    List.of(at("0", "a", "127.0.0.1"), at("1", "a", "127.0.0.1"))))
        .doesNotThrowAnyException();
  }

  @Test
  void twoWorkersInOneExecutorAreRefused() {
    assertThatThrownBy(
            () ->
                WorkerAddress.requireOnePerExecutor(
                    List.of(at("1", "a", "10.0.0.1"), at("1", "a", "10.0.0.1"))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("executor 1");
  }

  @Test
  void theNetworkChoosesTheAddress() {
    assertThat(WorkerAddress.choose("127.0.0.0/8", "unused").isLoopbackAddress()).isTrue();
    assertThatThrownBy(() -> WorkerAddress.choose("240.0.0.0/8", "unused"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no address in 240.0.0.0/8");
    for (String wrong : List.of("10.0.0.0", "10.0.0.0/33", "example.org/8", "10.0.0/x")) {
      assertThatThrownBy(() -> WorkerAddress.choose(wrong, "unused"))
          .as(wrong)
          .isInstanceOf(UserError.class)
          .hasMessageContaining("is not a network");
    }
  }

  @Test
  void workersOfOneHostTakePortsOneAfterTheOther() throws Exception {
    InetAddress address = InetAddress.getLoopbackAddress();
    try (ServerSocketChannel any = WorkerAddress.listen(address, 0)) {
      int taken = ((InetSocketAddress) any.getLocalAddress()).getPort();
      try (ServerSocketChannel next = WorkerAddress.listen(address, taken)) {
        assertThat(((InetSocketAddress) next.getLocalAddress()).getPort())
            .isBetween(taken + 1, taken + 63);
      }
    }
  }

  @Test
  void anAddressSurvivesItsLine() {
    WorkerAddress address = at("7", "host", "fe80::1");
    assertThat(WorkerAddress.decode(address.encode())).isEqualTo(address);
  }
}
