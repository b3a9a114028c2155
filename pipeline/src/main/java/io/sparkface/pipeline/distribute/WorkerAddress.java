package io.sparkface.pipeline.distribute;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/**
 * Where a worker listens, as it tells the others.
 *
 * @param executor Spark's name of the executor
 * @param host name of the machine it runs on
 * @param address the machine's address
 * @param port the worker's own
 */
record WorkerAddress(String executor, String host, String address, int port) {
  /** Ports tried from the first one on: workers of one host. */
  private static final int PORTS = 64;

  private static final String KEY = "distribute.network";

  /** The address of this machine in {@code network}, or, where that is empty, of {@code name}. */
  static InetAddress choose(String network, String name) {
    try {
      if (network.isEmpty()) {
        return InetAddress.getByName(name);
      }
      Cidr wanted = Cidr.of(network);
      for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        for (InetAddress address : Collections.list(card.getInetAddresses())) {
          if (wanted.holds(address)) {
            return address;
          }
        }
      }
      throw new UserError(
          "this machine (" + hostName() + ") has no address in " + network,
          KEY,
          "name the network that all workers are in, as in 10.1.0.0/16");
    } catch (UnknownHostException | SocketException e) {
      throw new UserError(
          "the address of this worker cannot be found: " + e.getMessage(),
          KEY,
          "set distribute.network to the network that all workers are in, as in 10.1.0.0/16",
          e);
    }
  }

  /** Opens the socket a worker listens on. */
  static ServerSocketChannel listen(InetAddress address, int firstPort) throws IOException {
    int ports = firstPort == 0 ? 1 : PORTS;
    for (int i = 0; i < ports; i++) {
      ServerSocketChannel channel = ServerSocketChannel.open();
      try {
        return channel.bind(new InetSocketAddress(address, firstPort + i));
      } catch (BindException taken) {
        channel.close();
      }
    }
    throw new UserError(
        "no port from " + firstPort + " to " + (firstPort + PORTS - 1) + " is free on " + address,
        "distribute.port",
        "set distribute.port to the first of a free range, or to 0 for any");
  }

  static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  InetSocketAddress socket() {
    return new InetSocketAddress(address, port);
  }

  /** As one line, for the others. */
  String encode() {
    return String.join("\t", executor, host, address, Integer.toString(port));
  }

  static WorkerAddress decode(String line) {
    String[] parts = line.split("\t", -1);
    return new WorkerAddress(parts[0], parts[1], parts[2], Integer.parseInt(parts[3]));
  }

  /** Refuses addresses that some of the workers cannot reach. */
  static void requireReachable(List<WorkerAddress> workers) {
    TreeSet<String> hosts = new TreeSet<>();
    for (WorkerAddress worker : workers) {
      hosts.add(worker.host());
    }
    for (WorkerAddress worker : workers) {
      if (hosts.size() > 1 && worker.socket().getAddress().isLoopbackAddress()) {
        throw new UserError(
            "worker on "
                + worker.host()
                + " would listen on "
                + worker.address()
                + ", which the others on "
                + hosts
                + " cannot reach",
            KEY,
            "set distribute.network to the network that all workers are in, as in 10.1.0.0/16, and"
                + " see that the host's own name does not stand for 127.0.0.1 in /etc/hosts");
      }
    }
  }

  /** Refuses two workers in one executor, which would share its cores. */
  static void requireOnePerExecutor(List<WorkerAddress> workers) {
    TreeSet<String> executors = new TreeSet<>();
    for (WorkerAddress worker : workers) {
      if (!executors.add(worker.executor())) {
        throw new UserError(
            "two workers came to lie in executor " + worker.executor() + " on " + worker.host(),
            "distribute.workers",
            "ask for as many workers as there are executors, or leave distribute.workers at 0");
      }
    }
  }

  /** A network such as 10.1.0.0/16. */
  private record Cidr(byte[] prefix, int bits) {
    static Cidr of(String text) {
      try {
        String[] parts = text.split("/", -1);
        // a literal only: a name would be looked up
        if (parts.length == 2 && parts[0].matches("[0-9.]+|[0-9a-fA-F:]+")) {
          byte[] prefix = InetAddress.getByName(parts[0]).getAddress();
          int bits = Integer.parseInt(parts[1]);
          if (bits >= 0 && bits <= 8 * prefix.length) {
            return new Cidr(prefix, bits);
          }
        }
      } catch (UnknownHostException | NumberFormatException e) {
        // told below
      }
      throw new UserError("'" + text + "' is not a network", KEY, "write it as in 10.1.0.0/16");
    }

    boolean holds(InetAddress address) {
      byte[] bytes = address.getAddress();
      if (bytes.length != prefix.length) {
        return false;
      }
      int whole = bits / 8;
      if (!Arrays.equals(bytes, 0, whole, prefix, 0, whole)) {
        return false;
      }
      int rest = bits % 8;
      return rest == 0 || ((bytes[whole] ^ prefix[whole]) & 0xFF) >> (8 - rest) == 0;
    }
  }
}
