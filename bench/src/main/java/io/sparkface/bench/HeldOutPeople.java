package io.sparkface.bench;

import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Parts a folder of person folders into people to train on and pairs of others: every fourth by
 * name is held out, and of these as many pairs of one person as of two are drawn with seed 1.
 */
@Command(name = "held-out-people", mixinStandardHelpOptions = true)
final class HeldOutPeople implements Callable<Integer> {
  @Option(names = "--faces", required = true, description = "folder of person folders")
  private Path faces;

  @Option(names = "--output", required = true, description = "gets people/ and heldout.bin")
  private Path output;

  @Option(names = "--pairs", defaultValue = "2000", description = "how many, half of one person")
  private int count;

  public static void main(String[] args) {
    System.exit(new CommandLine(new HeldOutPeople()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<Path> people = sorted(faces);
    List<List<Path>> others = new ArrayList<>();
    Path kept = Files.createDirectories(output.resolve("people"));
    for (int i = 0; i < people.size(); i++) {
      if (i % 4 == 3) {
        others.add(sorted(people.get(i)));
      } else {
        Files.createSymbolicLink(
            kept.resolve(people.get(i).getFileName()), people.get(i).toAbsolutePath());
      }
    }
    try (OutputStream out = Files.newOutputStream(output.resolve("heldout.bin"))) {
      VerificationBin.write(out, pairs(others, new Random(1)));
    }
    return 0;
  }

  private List<FacePair> pairs(List<List<Path>> others, Random random) throws IOException {
    List<FacePair> pairs = new ArrayList<>();
    while (pairs.size() < count) {
      // alternating, so that each of the ten folds has as many of both
      boolean same = pairs.size() % 2 == 0;
      List<Path> one = others.get(random.nextInt(others.size()));
      List<Path> other = same ? one : others.get(random.nextInt(others.size()));
      Path first = one.get(random.nextInt(one.size()));
      Path second = other.get(random.nextInt(other.size()));
      if (same == (one == other) && !first.equals(second)) {
        pairs.add(
            new FacePair(
                pairs.size(), Files.readAllBytes(first), Files.readAllBytes(second), same));
      }
    }
    return pairs;
  }

  private static List<Path> sorted(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.sorted().toList();
    }
  }
}
