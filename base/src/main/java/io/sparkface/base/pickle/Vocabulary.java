package io.sparkface.base.pickle;

import java.util.List;

/**
 * What a pickle may ask for. Whatever a file names that is not known here is refused, so that no
 * foreign code can be asked for.
 */
public interface Vocabulary {
  /** Whether a name, such as {@code numpy.dtype}, may be used. */
  boolean knows(String name);

  /** What a known name gives when it is called. */
  Object call(String name, List<Object> arguments);

  /** Hands an object that {@link #call} made the rest of its state. */
  void build(Object object, Object state);

  /** What a persistent identifier stands for; the machine refuses null. */
  default Object persistent(Object id) {
    return null;
  }

  /** What to do about a pickle that is refused. */
  String remedy();
}
