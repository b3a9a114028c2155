package io.sparkface.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.models.Networks;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the networks a plan may name. */
@Command(
    name = "models",
    description = "Lists the backbones a plan may name.",
    mixinStandardHelpOptions = true)
final class ModelsJob implements Callable<Integer> {
  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (json) {
      System.out.println(
          new ObjectMapper().writeValueAsString(Map.of("backbones", Networks.names())));
    } else {
      Networks.names().forEach(System.out::println);
    }
    return 0;
  }
}
