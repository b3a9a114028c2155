package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.RowRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {
  private static BatchDescriptor batch(int size, int groups, long seed) {
    List<RowRef> rows = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      rows.add(new RowRef(i % groups, i / groups));
    }
    Collections.shuffle(rows, new Random(seed));
    return new BatchDescriptor(0, 0, rows);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void everyImageIsExactlyOneWorkersAndSharesAreEven(int workers) {
    BatchDescriptor whole = batch(64, 9, workers);
    List<RowRef> all = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      Share share = new Share(worker, workers);
      BatchDescriptor own = share.of(whole, 1);
      assertThat(own.size()).isEqualTo(share.of(64)).isBetween(64 / workers, 64 / workers + 1);
      all.addAll(own.rows());
    }
    assertThat(all).containsExactlyInAnyOrderElementsOf(whole.rows());
  }

  @Test
  void imagesThatBelongTogetherAreNotParted() {
    BatchDescriptor whole = batch(60, 9, 3);
    List<RowRef> all = new ArrayList<>();
    for (int worker = 0; worker < 7; worker++) {
      List<RowRef> own = new Share(worker, 7).of(whole, 4).rows();
      assertThat(own.size() % 4).isZero();
      all.addAll(own);
    }
    assertThat(all).isEqualTo(whole.rows());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void aWorkerReadsItsOwnRowGroupsAndFewOthers(int workers) {
    Set<Integer> read = new HashSet<>();
    for (int step = 0; step < 20; step++) {
      read.addAll(new Share(0, workers).of(batch(128, 16, step), 1).rowGroups());
    }
    assertThat(read).hasSizeLessThanOrEqualTo(16 / workers + 1);
  }
}
