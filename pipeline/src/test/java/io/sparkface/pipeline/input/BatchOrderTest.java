package io.sparkface.pipeline.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Labels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchOrderTest {
  /** Two row groups; identity 0 has 9 images, identity 1 has 5, identity 2 has 3. */
  private static final Labels LABELS =
      new Labels(
          3, List.of(new int[] {0, 1, 0, 2, 0, 1, 0, 0, 1}, new int[] {0, 2, 0, 1, 0, 2, 1, 0}));

  private static List<BatchDescriptor> all(Iterator<BatchDescriptor> epoch) {
    List<BatchDescriptor> found = new ArrayList<>();
    epoch.forEachRemaining(found::add);
    return found;
  }

  private static int label(RowRef row) {
    return LABELS.groups().get(row.group())[row.row()];
  }

  @Test
  void everyImageComesOnceAndTheOrderIsOfSeedAndEpochAlone() {
    BatchOrder order = new ShuffledOrder(SelectedRows.ofIdentitiesWith(1, LABELS), 4, 7);
    assertThat(order.steps()).isEqualTo(4);
    List<BatchDescriptor> epoch = all(order.epoch(0));
    Set<RowRef> seen = new HashSet<>();
    epoch.forEach(batch -> seen.addAll(batch.rows()));
    assertThat(seen).hasSize(16);
    assertThat(all(order.epoch(0))).isEqualTo(epoch);
    assertThat(all(order.epoch(1))).isNotEqualTo(epoch);
    BatchOrder again = new ShuffledOrder(SelectedRows.ofIdentitiesWith(1, LABELS), 4, 7);
    assertThat(all(again.epoch(0))).isEqualTo(epoch);
  }

  @Test
  void identitiesWithFewImagesAreLeftOut() {
    BatchOrder order = new ShuffledOrder(SelectedRows.ofIdentitiesWith(5, LABELS), 7, 1);
    List<BatchDescriptor> epoch = all(order.epoch(0));
    assertThat(epoch).hasSize(2);
    epoch.forEach(
        batch -> assertThat(batch.rows()).allMatch(row -> label(row) == 0 || label(row) == 1));
    assertThatThrownBy(() -> SelectedRows.ofIdentitiesWith(10, LABELS))
        .isInstanceOf(UserError.class);
  }

  @Test
  void groupsAreOfOneIdentity() {
    BatchOrder order = new GroupedOrder(LABELS, 9, 0, 3);
    // 9 images give two groups of four, 5 give one, 3 none; batches of 9 hold two groups
    assertThat(order.steps()).isEqualTo(1);
    for (int epoch = 0; epoch < 5; epoch++) {
      BatchDescriptor batch = order.epoch(epoch).next();
      assertThat(batch.size()).isEqualTo(8);
      assertThat(new HashSet<>(batch.rows())).hasSize(8);
      for (int from = 0; from < 8; from += 4) {
        int first = label(batch.rows().get(from));
        assertThat(batch.rows().subList(from, from + 4)).allMatch(row -> label(row) == first);
      }
    }
    assertThat(all(order.epoch(0))).isEqualTo(all(new GroupedOrder(LABELS, 9, 0, 3).epoch(0)));
    assertThatThrownBy(() -> new GroupedOrder(LABELS, 3, 0, 3)).isInstanceOf(UserError.class);
  }
}
