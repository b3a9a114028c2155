package io.sparkface.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process took of the machine's memory. */
final class Memory {
  private Memory() {}

  /** Most MiB that were resident at once, heap and native memory; -1 where it is not known. */
  static long peakMebibytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElse(-1);
  }
}
