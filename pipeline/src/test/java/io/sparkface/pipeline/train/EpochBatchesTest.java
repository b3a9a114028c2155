package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.pipeline.distill.OnlineTeacher;
import io.sparkface.pipeline.input.AugmentationSpec;
import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.EpochBatches;
import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.input.RowRef;
import io.sparkface.pipeline.input.SelectedRows;
import io.sparkface.pipeline.input.ShuffledOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochBatchesTest {
  @TempDir private static Path folder;
  private static FaceSet set;

  @BeforeAll
  static void prepare() throws IOException {
    SmallFaces.drawnIn(folder);
    set =
        FaceSet.open(
            new org.apache.hadoop.fs.Path(folder.resolve("faces").toString()), SmallFaces.HADOOP);
  }

  private static BatchReader reader(AugmentationSpec augmentation, double mixup) {
    return new BatchReader(
        set,
        Optional.empty(),
        new BatchReader.Options(1, 32, 32, augmentation, mixup, OnlineTeacher.Source.NONE),
        SmallFaces.HADOOP);
  }

  /** Memory is used again, the rows of several batches are read ahead: neither may show. */
  @Test
  void batchesAreThoseReadOneByOne() throws IOException {
    BatchOrder order = new ShuffledOrder(SelectedRows.all(set), 3, 5);
    for (double mixup : new double[] {0, 0.4}) {
      AugmentationSpec augmentation = new AugmentationSpec(3, AugmentationSpec.NONE.policy(), 0.3);
      BatchReader alone = reader(augmentation, mixup);
      Iterator<BatchDescriptor> descriptors = order.epoch(2);
      descriptors.next();
      Set<Long> places = new HashSet<>();
      try (EpochBatches batches =
          new EpochBatches(reader(augmentation, mixup), order, 2, 1, order.steps())) {
        while (batches.hasNext()) {
          FaceBatch batch = batches.next();
          FaceBatch expected = alone.read(descriptors.next());
          assertThat(batch.origin()).isEqualTo(expected.origin());
          assertThat(batch.images()).isEqualTo(expected.images());
          assertThat(batch.labels()).isEqualTo(expected.labels());
          places.add(batch.images().data().address());
        }
      }
      assertThat(descriptors.hasNext()).isFalse();
      assertThat(places.size()).isLessThan((int) order.steps() - 1);
    }
  }

  @Test
  void pixelsAreThePicturesNormalised() throws IOException {
    FaceBatch batch =
        reader(AugmentationSpec.NONE, 0)
            .read(new BatchDescriptor(0, 0, List.of(new RowRef(0, 4), new RowRef(0, 1))));
    try (FaceFile file =
        FaceFile.open(new org.apache.hadoop.fs.Path(set.files().get(0)), SmallFaces.HADOOP)) {
      FaceRecord second = file.read(0).get(1);
      byte[] rgb = ImageDecoder.decode(second.image(), second.source()).rgb();
      for (int i = 0; i < rgb.length; i++) {
        assertThat(batch.images().getDouble(1, i / 96, i / 3 % 32, i % 3))
            .isCloseTo(((rgb[i] & 255) - 127.5) / 128, within(1e-6));
      }
      assertThat(batch.labels().getInt(1, 0)).isEqualTo(second.label());
    }
  }

  @Test
  void aFailureReachesWhoeverTakesTheBatches() {
    BatchOrder order =
        new BatchOrder() {
          @Override
          public long steps() {
            return 9;
          }

          @Override
          public Iterator<BatchDescriptor> epoch(int epoch) {
            return List.of(
                    new BatchDescriptor(0, 0, List.of(new RowRef(0, 0))),
                    new BatchDescriptor(0, 1, List.of(new RowRef(0, 1_000_000))))
                .iterator();
          }
        };
    try (EpochBatches batches =
        new EpochBatches(reader(AugmentationSpec.NONE, 0), order, 0, 0, 9)) {
      assertThat(batches.next().size()).isEqualTo(1);
      assertThatThrownBy(batches::next).isInstanceOf(IndexOutOfBoundsException.class);
      // and it stays so
      assertThatThrownBy(batches::next).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void closingEarlyEndsTheThreads() {
    BatchOrder order = new ShuffledOrder(SelectedRows.all(set), 2, 5);
    for (int i = 0; i < 20; i++) {
      try (EpochBatches batches =
          new EpochBatches(reader(AugmentationSpec.NONE, 0), order, 0, 0, order.steps())) {
        if (i % 2 == 0) {
          batches.next();
        }
      }
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().endsWith("s-epoch-0"));
  }
}
