package io.sparkface.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.models.NetworkFacts;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Networks;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the networks a plan may name, with what they cost. */
@Command(
    name = "models",
    description = "Lists the backbones a plan may name: parameters, FLOPs of one image, output.",
    footer = {"", "Example: spark-submit models --image-size 112 r50 mobilefacenet"},
    mixinStandardHelpOptions = true)
final class ModelsJob implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "NAME", description = "Only these; all without.")
  private List<String> names = List.of();

  @Option(
      names = "--image-size",
      defaultValue = "112",
      description = "Height and width of the images, in pixels (default: ${DEFAULT-VALUE}).")
  private int size;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    List<NetworkFacts> all =
        (names.isEmpty() ? Networks.names() : names)
            .stream()
                .map(
                    name -> NetworkFacts.of(NetworkSpec.of(name, "GDC", 512).withInput(size, size)))
                .toList();
    if (printed.json()) {
      System.out.println(
          new ObjectMapper().writeValueAsString(Map.of("imageSize", size, "backbones", all)));
    } else {
      System.out.printf(
          Locale.ROOT,
          "%-20s %12s %12s %9s  %s%n",
          "name",
          "parameters",
          "trainable",
          "GFLOPs",
          "output");
      all.forEach(ModelsJob::print);
    }
    return 0;
  }

  private static void print(NetworkFacts facts) {
    System.out.printf(
        Locale.ROOT,
        "%-20s %,12d %,12d %9.3f  %s%n",
        facts.name(),
        facts.parameters(),
        facts.trainable(),
        facts.flops() / 1e9,
        facts.map().stream().map(String::valueOf).collect(Collectors.joining("x")));
  }
}
