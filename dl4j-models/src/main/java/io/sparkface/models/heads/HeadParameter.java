package io.sparkface.models.heads;

import java.util.Optional;

/**
 * One array of a head.
 *
 * @param name under which DL4J keeps it
 * @param merge how workers agree on it where it is state; nothing where it is trained by gradient
 * @param shape in order c
 */
public record HeadParameter(String name, Optional<Merge> merge, long... shape) {
  /** Trained by gradient. */
  public static HeadParameter trained(String name, long... shape) {
    return new HeadParameter(name, Optional.empty(), shape);
  }

  /** Written by the backward pass; its gradient is zero. */
  public static HeadParameter state(String name, Merge merge, long... shape) {
    return new HeadParameter(name, Optional.of(merge), shape);
  }

  long length() {
    long product = 1;
    for (long axis : shape) {
      product *= axis;
    }
    return product;
  }
}
