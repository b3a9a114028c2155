package io.sparkface.models.kernels;

import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

final class OneDnnRegionCopy implements RegionCopy {
  private final Slot source;
  private final Slot target;
  private final Call copy;

  OneDnnRegionCopy(Region from, Region to) {
    source = Slot.open(layout(from));
    target = Slot.open(layout(to));
    copy = Call.reorder(source, target);
  }

  private static memory.desc layout(Region region) {
    return Layout.image(
            region.batch(), region.wholeHeight(), region.wholeWidth(), region.wholeChannels())
        .submemory_desc(
            new long[] {region.batch(), region.channels(), region.height(), region.width()},
            new long[] {0, region.first(), region.top(), region.left()});
  }

  @Override
  public void run(INDArray from, INDArray to) {
    source.at(from);
    target.at(to);
    copy.run();
  }
}
