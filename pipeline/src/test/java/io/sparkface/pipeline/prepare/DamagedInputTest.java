package io.sparkface.pipeline.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** However a {@code .rec} is damaged, every record is either in the set, once, or listed as bad. */
class DamagedInputTest {
  @Property(tries = 12)
  void nothingIsLostOrDuplicated(@ForAll @IntRange(min = 0, max = 6) int damages, @ForAll long seed)
      throws IOException {
    Path folder = Files.createTempDirectory("damaged");
    PreparedFolder prepared = new PreparedFolder(folder);
    Path rec = prepared.drawn("rec", 3, 5);
    Map<Long, Long> keyByOffset = new HashMap<>();
    for (String line : Files.readAllLines(rec.resolveSibling("train.idx"))) {
      keyByOffset.put(Long.parseLong(line.split("\t")[1]), Long.parseLong(line.split("\t")[0]));
    }
    byte[] whole = Files.readAllBytes(rec);
    byte[] bytes = damaged(whole, damages, new Random(seed));
    Files.write(rec, bytes);
    Set<Long> seen = new HashSet<>();
    try {
      new FaceSetPreparation(
              io.sparkface.pipeline.LocalSpark.session(),
              new FaceSetPreparation.Options(
                  rec.toString(),
                  folder.resolve("faces").toString(),
                  1,
                  1000,
                  StagedOutput.Existing.REFUSE))
          .run();
    } catch (UserError e) {
      // all of it may be bad
      assertThat(e).hasMessageContaining("there is no image in it");
      return;
    }
    for (FaceRecord row : prepared.rows("faces")) {
      assertThat(seen.add(row.key())).as("key %d twice", row.key()).isTrue();
    }
    Path listed = folder.resolve("faces/quarantine.jsonl");
    List<String> bad = Files.exists(listed) ? Files.readAllLines(listed) : List.of();
    Set<Long> badOffsets = new HashSet<>();
    for (String line : bad) {
      String where = new ObjectMapper().readTree(line).get("where").asText();
      badOffsets.add(Long.parseLong(where.substring(where.lastIndexOf(' ') + 1)));
    }
    List<Long> lost = new ArrayList<>();
    keyByOffset.forEach(
        (offset, key) -> {
          boolean image = key >= 1 && key <= 15;
          if (image && !seen.contains(key) && !badOffsets.contains(offset)) {
            lost.add(key);
          }
        });
    assertThat(lost).isEmpty();
    if (damages == 0) {
      assertThat(seen).hasSize(15);
      assertThat(bad).isEmpty();
    }
  }

  /** Wrong bytes anywhere, and now and then a cut. */
  private static byte[] damaged(byte[] whole, int damages, Random random) {
    byte[] bytes = whole.clone();
    for (int i = 0; i < damages; i++) {
      if (random.nextInt(8) == 0) {
        bytes = java.util.Arrays.copyOf(bytes, bytes.length - random.nextInt(bytes.length / 2));
      } else {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
    }
    return bytes;
  }
}
