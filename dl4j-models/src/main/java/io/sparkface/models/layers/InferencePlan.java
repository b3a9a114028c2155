package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.layers.Planned.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Inference from a graph's images to one of its vertices as a straight list of operations with
 * memory of their own. A batch goes through in small parts, a few images at a time, so that the
 * maps between operations stay in the processor's cache; the smaller the maps become, the more
 * images go together. A convolution whose output is only added to a shortcut adds it itself, and
 * does the activation behind the sum.
 *
 * <p>Holds the parameters of the moment it was made. Not for use by several threads at once.
 */
public final class InferencePlan {
  /** Images whose maps one part holds at the most. */
  public static final int BATCH = 32;

  /** Fewest positions of all images of a part on which an operation keeps all cores busy. */
  private static final int POSITIONS = 1024;

  /** Fewest images of a part, one for each of a few cores. */
  private static final int IMAGES = 2;

  private final int batch;
  private final long imageLength;
  private final long resultLength;
  private final INDArray images;
  private final INDArray result;
  private final List<Phase> phases;

  private InferencePlan(
      int batch,
      long imageLength,
      INDArray images,
      long resultLength,
      INDArray result,
      List<Phase> phases) {
    this.imageLength = imageLength;
    this.resultLength = resultLength;
    this.batch = batch;
    this.images = images;
    this.result = result;
    this.phases = phases;
  }

  /** Steps that take {@code images} images at a time, for each part of a batch in turn. */
  private record Phase(int images, List<List<Step>> parts) {
    void run(int count) {
      for (int part = 0; part * images < count; part++) {
        for (Step step : parts.get(part)) {
          step.run();
        }
      }
    }
  }

  private record Step(Action action, List<INDArray> inputs, INDArray output) {
    void run() {
      action.run(inputs, output);
    }
  }

  /** DL4J's vertex that multiplies by a number. */
  private record Scaling(double factor) implements Planned {
    @Override
    public long[] outputShape(List<long[]> inputs) {
      return inputs.get(0);
    }

    @Override
    public Action plan(List<long[]> inputs) {
      return (xs, y) -> y.assign(xs.get(0)).muli(factor);
    }
  }

  /**
   * A plan for batches of up to {@code batch} images, or nothing where the graph has a vertex that
   * only DL4J can run.
   *
   * @param images shape of one image, {@code [height, width, channels]}
   */
  public static Optional<InferencePlan> of(
      ComputationGraph graph, String vertex, int batch, long... images) {
    return new Planner(graph, batch).plan(vertex, images);
  }

  /**
   * @param input {@code [n, height, width, channels]}, of any number of images
   * @param output {@code [n, …]}, overwritten
   */
  public void run(INDArray input, INDArray output) {
    long count = input.size(0);
    long in = imageLength;
    long out = resultLength;
    INDArray from = input.reshape(input.length());
    INDArray to = output.reshape(output.length());
    for (long first = 0; first < count; first += batch) {
      int now = (int) Math.min(batch, count - first);
      part(images, 0, now * in).assign(part(from, first * in, now * in));
      for (Phase phase : phases) {
        phase.run(now);
      }
      part(to, first * out, now * out).assign(part(result, 0, now * out));
    }
  }

  private static INDArray part(INDArray row, long first, long length) {
    return row.get(NDArrayIndex.interval(first, first + length));
  }

  /** Puts the steps together. */
  private static final class Planner {
    private final ComputationGraph graph;
    private final int batch;
    private final DataType type;
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final List<Value> order = new ArrayList<>();

    Planner(ComputationGraph graph, int batch) {
      this.graph = graph;
      this.batch = batch;
      this.type = graph.getConfiguration().getDataType();
    }

    /** What a vertex gives; {@code shares} is the value whose memory it overwrites. */
    private static final class Value {
      private final int index;
      private final Object computation;
      private final List<Value> inputs;
      private int images;
      private int lastUse;
      private int uses;
      private long[] shape;
      private Action action;
      private Value shares;
      private Value addedTo;
      private Activation behindSum = Activation.NONE;
      private INDArray memory;
      private boolean whole;

      Value(int index, Object computation, List<Value> inputs) {
        this.index = index;
        this.computation = computation;
        this.inputs = inputs;
        this.lastUse = index;
      }

      Value owner() {
        return shares == null ? this : shares.owner();
      }

      long length() {
        return Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
      }

      long positions() {
        return shape.length == 4 ? shape[1] * shape[2] : 1;
      }
    }

    Optional<InferencePlan> plan(String vertex, long[] image) {
      if (!collect(graph.getVertex(vertex))) {
        return Optional.empty();
      }
      Value input = order.get(0);
      input.shape = IntStream.range(0, 4).mapToLong(i -> i == 0 ? 1 : image[i - 1]).toArray();
      input.whole = true;
      for (Value value : order) {
        if (value != input) {
          share(value);
        }
      }
      size(input);
      INDArray images = place();
      Value last = order.get(order.size() - 1);
      return Optional.of(
          new InferencePlan(
              batch, input.length(), images, last.length(), last.owner().memory, phases()));
    }

    /** The vertices up to {@code end} in an order in which they can run. */
    private boolean collect(GraphVertex end) {
      GraphVertex[] all = graph.getVertices();
      boolean[] needed = new boolean[all.length];
      int[] sorted = graph.topologicalSortOrder();
      needed[end.getVertexIndex()] = true;
      for (int i = sorted.length - 1; i >= 0; i--) {
        GraphVertex vertex = all[sorted[i]];
        if (needed[sorted[i]] && vertex.getInputVertices() != null) {
          for (VertexIndices before : vertex.getInputVertices()) {
            needed[before.getVertexIndex()] = true;
          }
        }
      }
      Map<Integer, Value> byVertex = new HashMap<>();
      for (int at : sorted) {
        if (!needed[at]) {
          continue;
        }
        GraphVertex vertex = all[at];
        List<Value> inputs = new ArrayList<>();
        if (vertex.getInputVertices() != null) {
          for (VertexIndices before : vertex.getInputVertices()) {
            inputs.add(byVertex.get(before.getVertexIndex()));
          }
        }
        Object computation = computation(vertex);
        if (inputs.isEmpty() != order.isEmpty()
            || (!inputs.isEmpty() && !(computation instanceof Planned))) {
          return false;
        }
        Value value = new Value(order.size(), computation, inputs);
        for (Value before : inputs) {
          before.uses++;
          before.lastUse = value.index;
        }
        byVertex.put(at, value);
        order.add(value);
      }
      return order.size() > 1;
    }

    private Object computation(GraphVertex vertex) {
      if (vertex.hasLayer()) {
        return vertex.getLayer() instanceof FrozenLayer frozen
            ? frozen.getInsideLayer()
            : vertex.getLayer();
      }
      return graph.getConfiguration().getVertices().get(vertex.getVertexName())
              instanceof ScaleVertex scale
          ? new Scaling(scale.getScaleFactor())
          : vertex;
    }

    /**
     * Lets the later argument of a sum, if a convolution of that use only, add to the other, and do
     * what only follows the sum.
     */
    private void share(Value value) {
      if (value.computation instanceof ActivateLayer activation) {
        activate(value, activation.activation());
      } else if (((Planned) value.computation).isSum()) {
        add(value);
      }
    }

    private static void activate(Value value, Activation activation) {
      Value sum = value.inputs.get(0);
      boolean adds = sum.shares != null && sum.shares.addedTo != null;
      if (adds && sum.uses == 1 && activation.parametersPerChannel() == 0) {
        sum.shares.behindSum = activation;
        value.shares = sum;
      }
    }

    private static void add(Value sum) {
      Value first = sum.inputs.get(0);
      Value second = sum.inputs.get(1);
      Value later = first.index > second.index ? first : second;
      Value earlier = later == first ? second : first;
      if (later.computation instanceof ConvBnActLayer convolution
          && convolution.canAdd()
          && later.uses == 1
          && earlier.lastUse == sum.index
          && earlier.index > 0) {
        later.addedTo = earlier;
        later.shares = earlier;
        sum.shares = later;
      }
    }

    /** How many images go together, and every operation for so many. */
    private void size(Value input) {
      int before = Math.min(batch, IMAGES);
      input.images = before;
      for (Value value : order) {
        if (value == input) {
          continue;
        }
        List<long[]> one = value.inputs.stream().map(v -> v.shape).toList();
        value.shape = ((Planned) value.computation).outputShape(one);
        int now = before;
        while (now < batch && now * value.positions() < POSITIONS) {
          now *= 2;
        }
        before = Math.min(batch, now);
        value.images = before;
        int together = before;
        List<long[]> shapes = one.stream().map(shape -> of(together, shape)).toList();
        if (value.addedTo != null) {
          value.action =
              ((ConvBnActLayer) value.computation).planAdding(shapes.get(0), value.behindSum);
        } else if (value.shares == null) {
          value.action = ((Planned) value.computation).plan(shapes);
        }
      }
      for (Value value : order) {
        for (Value read : value.inputs) {
          if (read.images != value.images) {
            read.owner().whole = true;
          }
        }
        if (value.shares != null && value.owner().images != value.images) {
          value.owner().whole = true;
        }
      }
      order.get(order.size() - 1).owner().whole = true;
    }

    private static long[] of(int images, long[] shape) {
      long[] result = shape.clone();
      result[0] = images;
      return result;
    }

    /**
     * Gives every value memory; what is no longer needed is used again while it is in the cache.
     */
    private INDArray place() {
      Kernels kernels = Kernels.forType(type);
      Map<Value, Integer> lastUses = new HashMap<>();
      for (Value value : order) {
        lastUses.merge(value.owner(), value.lastUse, Math::max);
      }
      List<INDArray> free = new ArrayList<>();
      int images = 0;
      for (Value value : order) {
        if (value.images != images) {
          free.clear();
          images = value.images;
        }
        if (value.shares == null) {
          long length = value.length() * (value.whole ? wholeBatch() : value.images);
          value.memory = value.whole ? null : taken(free, length);
          if (value.memory == null) {
            value.memory = kernels.buffer(type, length);
          }
        }
        for (Value read : value.inputs) {
          Value owner = read.owner();
          if (!owner.whole && lastUses.get(owner) == value.index && !free.contains(owner.memory)) {
            free.add(owner.memory);
          }
        }
      }
      return order.get(0).memory;
    }

    /** Every phase's number of images is the smallest one times a power of two, or the batch. */
    private int wholeBatch() {
      int most = order.get(order.size() - 1).images;
      return (batch + most - 1) / most * most;
    }

    private static INDArray taken(List<INDArray> free, long length) {
      for (int i = 0; i < free.size(); i++) {
        long room = free.get(i).length();
        if (room >= length && room <= 2 * length) {
          return free.remove(i);
        }
      }
      return null;
    }

    private List<Phase> phases() {
      List<Phase> phases = new ArrayList<>();
      for (int from = 1; from < order.size(); ) {
        int images = order.get(from).images;
        int to = from;
        while (to < order.size() && order.get(to).images == images) {
          to++;
        }
        List<List<Step>> parts = new ArrayList<>();
        for (int part = 0; part * images < batch; part++) {
          List<Step> steps = new ArrayList<>();
          for (Value value : order.subList(from, to)) {
            if (value.action != null) {
              int now = part;
              List<INDArray> inputs =
                  value.inputs.stream().map(read -> view(read, images, now)).toList();
              steps.add(new Step(value.action, inputs, view(value, images, part)));
            }
          }
          parts.add(steps);
        }
        phases.add(new Phase(images, parts));
        from = to;
      }
      return phases;
    }

    private static INDArray view(Value value, int images, int part) {
      Value owner = value.owner();
      long length = images * value.length();
      long first = owner.whole ? part * length : 0;
      return part(owner.memory, first, length).reshape('c', of(images, value.shape));
    }
  }
}
