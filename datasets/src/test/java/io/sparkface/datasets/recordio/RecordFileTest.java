package io.sparkface.datasets.recordio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.datasets.Fixtures;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
  private static final byte[] MAGIC = HexFormat.of().parseHex("0A23D7CE");

  @TempDir Path folder;

  /** The five rows of spec 1.1. */
  @Test
  void writesTheGoldenBytes() throws IOException {
    assertThat(written("abc".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("0A23D7CE0300000061626300");
    assertThat(
            written(
                joined(
                    "AAAA".getBytes(StandardCharsets.US_ASCII),
                    MAGIC,
                    "BBBB".getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo("0A23D7CE04000020414141410A23D7CE0400006042424242");
    assertThat(written(joined(MAGIC, new byte[] {'B'})))
        .isEqualTo("0A23D7CE000000200A23D7CE0100006042000000");
    assertThat(written(joined(MAGIC, MAGIC)))
        .isEqualTo("0A23D7CE000000200A23D7CE000000400A23D7CE00000060");
    assertThat(written(new byte[0])).isEqualTo("0A23D7CE00000000");
  }

  private static String written(byte[] payload) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RecordWriter writer = new RecordWriter(out, new ByteArrayOutputStream())) {
      writer.append(payload);
    }
    return HexFormat.of().withUpperCase().formatHex(out.toByteArray());
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** However the file is cut into ranges, each record is read once, magics in its bytes or not. */
  @Property(tries = 25)
  void everyRecordIsInOneRange(
      @ForAll @IntRange(min = 1, max = 12) int records,
      @ForAll @IntRange(min = 1, max = 300) int range,
      @ForAll long seed)
      throws IOException {
    java.util.Random random = new java.util.Random(seed);
    List<byte[]> images = new ArrayList<>();
    Path file = Files.createTempFile("ranges", ".rec");
    try {
      try (RecordWriter writer =
          new RecordWriter(Files.newOutputStream(file), new ByteArrayOutputStream())) {
        for (int i = 0; i < records; i++) {
          byte[] image = new byte[random.nextInt(60)];
          random.nextBytes(image);
          for (int at = 0; at + 4 <= image.length; at += 4) {
            if (random.nextInt(3) == 0) {
              System.arraycopy(MAGIC, 0, image, at, 4);
            }
          }
          images.add(image);
          writer.write(i, new float[] {i}, image);
        }
      }
      List<byte[]> found = new ArrayList<>();
      for (long start = 0; start < Files.size(file); start += range) {
        try (RecordFile part =
            RecordFile.open(hadoop(file), new Configuration(), start, start + range)) {
          for (ImageRecord record = part.next(); record != null; record = part.next()) {
            assertThat(record.classLabel()).isEqualTo(found.size());
            found.add(record.image());
          }
        }
      }
      assertThat(found).hasSize(records);
      for (int i = 0; i < records; i++) {
        assertThat(found.get(i)).isEqualTo(images.get(i));
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void namesTheOffsetOfABadRecordAndGoesOnAfterIt() throws IOException {
    Path file = folder.resolve("bad.rec");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RecordWriter writer = new RecordWriter(out, new ByteArrayOutputStream())) {
      for (int i = 0; i < 3; i++) {
        writer.write(i, new float[] {i}, new byte[8]);
      }
    }
    byte[] bytes = out.toByteArray();
    bytes[40] ^= 1; // the second record's magic
    Files.write(file, bytes);
    try (RecordFile records = RecordFile.open(hadoop(file), new Configuration())) {
      assertThat(records.next().offset()).isZero();
      assertThatThrownBy(records::next)
          .isInstanceOfSatisfying(BadRecord.class, e -> assertThat(e.offset()).isEqualTo(40))
          .hasMessageContaining("wrong magic");
      assertThat(records.next().offset()).isEqualTo(80);
      assertThat(records.next()).isNull();
    }
  }

  @Test
  void refusesACutFile() throws IOException {
    Path file = folder.resolve("cut.rec");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (RecordWriter writer = new RecordWriter(out, new ByteArrayOutputStream())) {
      writer.write(1, new float[] {1}, new byte[100]);
    }
    Files.write(file, Arrays.copyOf(out.toByteArray(), 60));
    try (RecordFile records = RecordFile.open(hadoop(file), new Configuration())) {
      assertThatThrownBy(records::next).hasMessageContaining("it is cut");
      assertThat(records.next()).isNull();
    }
  }

  @Test
  void readsRealFiles() throws IOException {
    assertThat(read("rec/adaface_8/train.rec")).hasSize(8);
    assertThat(read("rec/vector_label_12/train.rec")).hasSize(12).allMatch(r -> r.flag() == 9);
    assertThat(read("rec/no_idx_1632/train.rec")).hasSize(1632);
  }

  @Test
  void realRecordsHoldTheSourceBytes() throws IOException {
    List<String> names =
        Files.readAllLines(Fixtures.path("rec/adaface_8/train.lst")).stream()
            .map(line -> line.split("\t")[2])
            .toList();
    List<ImageRecord> records = read("rec/adaface_8/train.rec");
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).image())
          .isEqualTo(Files.readAllBytes(Fixtures.path("rec/adaface_8/images/" + names.get(i))));
    }
  }

  private static List<ImageRecord> read(String fixture) throws IOException {
    List<ImageRecord> found = new ArrayList<>();
    try (RecordFile file = RecordFile.open(hadoop(Fixtures.path(fixture)), new Configuration())) {
      for (ImageRecord record = file.next(); record != null; record = file.next()) {
        found.add(record);
      }
    }
    return found;
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  /** Any bytes are a chain of records and of damages, each further on than the one before. */
  @FuzzTest
  void anyBytesAreRecordsOrDamaged(byte[] bytes) throws IOException {
    for (long start : new long[] {0, bytes.length / 2}) {
      long last = -1;
      try (RecordFile records =
          new RecordFile(
              new FSDataInputStream(new Memory(bytes)), start, bytes.length, bytes.length)) {
        while (true) {
          long offset;
          try {
            ImageRecord record = records.next();
            if (record == null) {
              break;
            }
            offset = record.offset();
          } catch (BadRecord damaged) {
            offset = damaged.offset();
          }
          assertThat(offset).isGreaterThan(last).isBetween(start, (long) bytes.length);
          last = offset;
        }
      }
    }
  }

  /** A file of given bytes. */
  private static final class Memory extends FSInputStream {
    private final byte[] bytes;
    private int position;

    Memory(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      return position == bytes.length ? -1 : bytes[position++] & 255;
    }

    @Override
    public void seek(long target) throws IOException {
      if (target < 0 || target > bytes.length) {
        throw new EOFException("byte " + target + " of " + bytes.length);
      }
      position = (int) target;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }
  }
}
