package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.softmax_backward;
import org.bytedeco.dnnl.softmax_forward;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Matrix products over strided views of the packed queries, keys and values, so that nothing is
 * copied to bring a head's numbers together.
 */
final class OneDnnAttention implements Attention {
  private final AttentionShape shape;
  private final long packed;
  private final long single;
  private final INDArray weights;
  private final Views views;
  private final Relative relative;
  private final Product scores;
  private final Call softmax;
  private final Product mix;
  private final Product weightsGradient;
  private final Product valueGradient;
  private final Slot softmaxGradient;
  private final Call softmaxBackward;
  private final Product queryGradient;
  private final Product keyGradient;

  OneDnnAttention(AttentionShape shape) {
    this.shape = shape;
    single = (long) shape.heads() * shape.size();
    packed = 3 * single;
    views = new Views(shape);
    long length = shape.length();
    weights = OneDnnKernels.aligned((long) shape.batch() * shape.heads(), length, length);
    boolean far = shape.places() == AttentionShape.Places.RELATIVE;
    float scale = (float) shape.scale();
    relative = far ? new Relative(shape, views, packed) : null;
    scores =
        new Product(
            views.head(packed), views.turnedHead(packed), views.scores(), scale, far ? 1 : 0);
    mix = new Product(views.scores(), views.head(packed), views.head(single), 1, 0);
    weightsGradient =
        new Product(views.head(single), views.turnedHead(packed), views.scores(), 1, 0);
    valueGradient = new Product(views.turnedScores(), views.head(single), views.head(packed), 1, 0);
    queryGradient = new Product(views.scores(), views.head(packed), views.head(packed), scale, 0);
    keyGradient =
        new Product(views.turnedScores(), views.head(packed), views.head(packed), scale, 0);

    memory.desc rows = Layout.rows((long) shape.batch() * shape.heads() * length, length);
    Slot share = Slot.open(rows).holding(weights);
    var going =
        new softmax_forward.primitive_desc(
            new softmax_forward.desc(prop_kind.forward_training.value, rows, 1),
            Call.attributes(),
            OneDnnThread.ENGINE);
    softmax =
        Call.of(
            "softmax",
            going,
            new softmax_forward(going),
            List.of(arg(DNNL_ARG_SRC, share), arg(DNNL_ARG_DST, share)));
    softmaxGradient = Slot.open(rows);
    var coming =
        new softmax_backward.primitive_desc(
            new softmax_backward.desc(rows, rows, 1),
            Call.attributes(),
            OneDnnThread.ENGINE,
            going);
    softmaxBackward =
        Call.of(
            "softmax backward",
            coming,
            new softmax_backward(coming),
            List.of(
                arg(DNNL_ARG_DST, share),
                arg(DNNL_ARG_DIFF_DST, softmaxGradient),
                arg(DNNL_ARG_DIFF_SRC, softmaxGradient)));
  }

  @Override
  public void forward(INDArray x, INDArray positions, INDArray y) {
    if (relative != null) {
      relative.scores(x, positions, weights);
    }
    scores.run(x, 0, x, single, weights, 0);
    softmax.run();
    mix.run(weights, 0, x, 2 * single, y, 0);
  }

  @Override
  public void backward(
      INDArray x,
      INDArray positions,
      INDArray gradient,
      INDArray room,
      INDArray xGradient,
      INDArray positionsGradient) {
    valueGradient.run(weights, 0, gradient, 0, xGradient, 2 * single);
    weightsGradient.run(gradient, 0, x, 2 * single, room, 0);
    softmaxGradient.at(room);
    softmaxBackward.run();
    queryGradient.run(room, 0, x, single, xGradient, 0);
    keyGradient.run(room, 0, x, 0, xGradient, single);
    if (relative != null) {
      relative.backward(x, room, xGradient, positionsGradient);
    }
  }

  /** result = scale * left right + kept * result. */
  private static final class Product {
    private final Slot left;
    private final Slot right;
    private final Slot result;
    private final Call call;

    Product(memory.desc left, memory.desc right, memory.desc result, float scale, float kept) {
      this.left = Slot.open(left);
      this.right = Slot.open(right);
      this.result = Slot.open(result);
      primitive_attr attributes = Call.attributes();
      if (scale != 1) {
        attributes.set_output_scales(0, new float[] {scale});
      }
      if (kept != 0) {
        post_ops sum = new post_ops();
        sum.append_sum(kept, memory.data_type.undef);
        attributes.set_post_ops(sum);
      }
      var description =
          new matmul.primitive_desc(
              new matmul.desc(left, right, result), attributes, OneDnnThread.ENGINE);
      call =
          Call.of(
              "matrix product",
              description,
              new matmul(description),
              List.of(
                  arg(DNNL_ARG_SRC, this.left),
                  arg(DNNL_ARG_WEIGHTS, this.right),
                  arg(DNNL_ARG_DST, this.result)));
    }

    /** Each array from a number of floats on. */
    void run(INDArray a, long fromA, INDArray b, long fromB, INDArray c, long fromC) {
      left.past(a, fromA);
      right.past(b, fromB);
      result.past(c, fromC);
      call.run();
    }
  }

  /** How matrices lie in arrays whose rows are as long as said. */
  private record Views(AttentionShape shape) {
    /** {@code [batch, heads, length, size]}. */
    memory.desc head(long row) {
      return Layout.strided(
          new long[] {shape.batch(), shape.heads(), shape.length(), shape.size()},
          shape.length() * row,
          shape.size(),
          row,
          1);
    }

    /** {@code [batch, heads, size, length]}. */
    memory.desc turnedHead(long row) {
      return Layout.strided(
          new long[] {shape.batch(), shape.heads(), shape.size(), shape.length()},
          shape.length() * row,
          shape.size(),
          1,
          row);
    }

    /** {@code [batch, heads, query, key]}. */
    memory.desc scores() {
      long length = shape.length();
      return Layout.strided(
          new long[] {shape.batch(), shape.heads(), length, length},
          shape.heads() * length * length,
          length * length,
          length,
          1);
    }

    /** {@code [batch, heads, key, query]}. */
    memory.desc turnedScores() {
      long length = shape.length();
      return Layout.strided(
          new long[] {shape.batch(), shape.heads(), length, length},
          shape.heads() * length * length,
          length * length,
          1,
          length);
    }

    /** Place by place: {@code [batch, length, heads, size]}. */
    memory.desc placeQueries(long row) {
      return Layout.strided(
          new long[] {shape.batch(), shape.length(), shape.heads(), shape.size()},
          shape.length() * row,
          row,
          shape.size(),
          1);
    }

    /** {@code [batch, query, heads, key]}. */
    memory.desc placeScores() {
      long length = shape.length();
      return Layout.strided(
          new long[] {shape.batch(), length, shape.heads(), length},
          shape.heads() * length * length,
          length,
          length * length,
          1);
    }
  }

  /** The part of the scores that comes from distances. */
  private static final class Relative {
    private final AttentionShape shape;
    private final long packed;
    private final RelativePlaces places;
    private final INDArray vectors;
    private final INDArray vectorsGradient;
    private final Product scores;
    private final Product queryGradient;
    private final Product vectorGradient;

    Relative(AttentionShape shape, Views views, long packed) {
      this.shape = shape;
      this.packed = packed;
      places = new RelativePlaces(shape, DataType.FLOAT);
      long length = shape.length();
      long size = shape.size();
      vectors = OneDnnKernels.aligned(length, length, size);
      vectorsGradient = OneDnnKernels.aligned(length, length, size);
      float scale = (float) shape.scale();
      long all = length * length * size;
      scores =
          new Product(
              views.placeQueries(packed),
              Layout.strided(new long[] {1, length, size, length}, all, length * size, 1, size),
              views.placeScores(),
              scale,
              0);
      queryGradient =
          new Product(
              views.placeScores(),
              Layout.strided(new long[] {1, length, length, size}, all, length * size, size, 1),
              views.placeQueries(packed),
              scale,
              1);
      // one image: [query, key, heads] times [query, heads, size]
      vectorGradient =
          new Product(
              Layout.strided(
                  new long[] {length, length, shape.heads()}, length, 1, length * length),
              Layout.strided(new long[] {length, shape.heads(), size}, packed, size, 1),
              Layout.strided(new long[] {length, length, size}, length * size, size, 1),
              scale,
              1);
    }

    void scores(INDArray x, INDArray positions, INDArray result) {
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        vectors.assign(places.vectors(positions));
      }
      scores.run(x, 0, vectors, 0, result, 0);
    }

    void backward(
        INDArray x, INDArray scoresGradient, INDArray xGradient, INDArray positionsGradient) {
      queryGradient.run(scoresGradient, 0, vectors, 0, xGradient, 0);
      vectorsGradient.assign(0);
      long length = shape.length();
      for (int image = 0; image < shape.batch(); image++) {
        vectorGradient.run(
            scoresGradient,
            image * shape.heads() * length * length,
            x,
            image * length * packed,
            vectorsGradient,
            0);
      }
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        places.backward(vectorsGradient, positionsGradient);
      }
    }
  }
}
