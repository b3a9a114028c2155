package io.sparkface.pipeline.distribute;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.pipeline.input.BatchDescriptor;
import java.util.LinkedHashMap;
import java.util.stream.Collectors;

/** What is said when a loss is NaN or infinite: at which step, on which images. */
public final class NotFinite {
  private NotFinite() {}

  /**
   * The error to end the run with.
   *
   * @param step of the run, from 0
   */
  public static UserError error(double loss, long step, BatchDescriptor batch, TrainingSet set) {
    String groups =
        batch.rowGroups().stream()
            .map(group -> set.faces().rowGroups().get(group))
            .collect(
                Collectors.groupingBy(
                    RowGroup::file,
                    LinkedHashMap::new,
                    Collectors.mapping(g -> Integer.toString(g.index()), Collectors.joining(" "))))
            .entrySet()
            .stream()
            .map(file -> file.getKey() + " row groups " + file.getValue())
            .collect(Collectors.joining(", "));
    return new UserError(
        "the loss is " + loss,
        "step "
            + (step + 1)
            + " (epoch "
            + (batch.epoch() + 1)
            + ", step "
            + (batch.step() + 1)
            + " of it), images of "
            + groups,
        "lower optimiser.learning-rate or the scale, or add schedule.warm-up-epochs, and go on from"
            + " the last checkpoint, which is from before this step");
  }
}
