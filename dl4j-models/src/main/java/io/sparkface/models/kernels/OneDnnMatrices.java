package io.sparkface.models.kernels;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.nd4j.linalg.api.ndarray.INDArray;

/** oneDNN's products and element-wise primitives. */
final class OneDnnMatrices implements Matrices {
  /** Shapes kept: the last batches of epochs and sampled classes have others. */
  private static final int MOST = 32;

  private final Map<Key, Ternary> prepared =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Ternary> eldest) {
          return size() > MOST;
        }
      };

  private final Map<Long, INDArray> ones = new HashMap<>();

  private enum Kind {
    PRODUCT,
    PRODUCT_LEFT,
    PRODUCT_RIGHT,
    PRODUCT_LESS,
    TIMES,
    TIMES_IN_PLACE,
    PLUS,
    PLUS_IN_PLACE
  }

  private record Key(Kind kind, long n, long k, long m) {}

  private interface Ternary {
    void run(INDArray a, INDArray b, INDArray c);
  }

  @Override
  public void product(INDArray a, INDArray b, INDArray c, Transposed transposed) {
    Kind kind =
        switch (transposed) {
          case NEITHER -> Kind.PRODUCT;
          case LEFT -> Kind.PRODUCT_LEFT;
          case RIGHT -> Kind.PRODUCT_RIGHT;
        };
    long inner = a.size(transposed == Transposed.LEFT ? 0 : 1);
    run(new Key(kind, c.size(0), inner, c.size(1)), OneDnnMatrices::product, a, b, c);
  }

  @Override
  public void productLess(INDArray a, INDArray b, INDArray c) {
    Key key = new Key(Kind.PRODUCT_LESS, c.size(0), a.size(0), c.size(1));
    run(key, OneDnnMatrices::product, a, b, c);
  }

  private static Ternary product(Key key) {
    var a = Layout.rows(key.n(), key.k());
    var b = Layout.rows(key.k(), key.m());
    var c = Layout.rows(key.n(), key.m());
    String name = "product";
    OneDnnPass pass =
        switch (key.kind()) {
          case PRODUCT -> OneDnnProduct.pass(name, a, b, c);
          case PRODUCT_LEFT -> OneDnnProduct.pass(name, Layout.transposed(key.k(), key.n()), b, c);
          case PRODUCT_RIGHT -> OneDnnProduct.pass(name, a, Layout.transposed(key.m(), key.k()), c);
          case PRODUCT_LESS ->
              OneDnnProduct.adding(name, Layout.transposed(key.k(), key.n()), b, c, -1);
          default -> throw new IllegalArgumentException(key.toString());
        };
    return pass::run;
  }

  @Override
  public void times(INDArray a, INDArray b, INDArray c) {
    elementwise(sameMemory(a, c) ? Kind.TIMES_IN_PLACE : Kind.TIMES, a, b, c);
  }

  @Override
  public void plus(INDArray a, INDArray b, INDArray c) {
    elementwise(sameMemory(a, c) ? Kind.PLUS_IN_PLACE : Kind.PLUS, a, b, c);
  }

  private static boolean sameMemory(INDArray a, INDArray c) {
    return DenseFloats.address(a) == DenseFloats.address(c);
  }

  private void elementwise(Kind kind, INDArray a, INDArray b, INDArray c) {
    run(new Key(kind, a.size(0), b.size(0), a.size(1)), OneDnnMatrices::elementwise, a, b, c);
  }

  private static Ternary elementwise(Key key) {
    boolean inPlace = key.kind() == Kind.TIMES_IN_PLACE || key.kind() == Kind.PLUS_IN_PLACE;
    boolean times = key.kind() == Kind.TIMES_IN_PLACE || key.kind() == Kind.TIMES;
    Slot a = Slot.open(Layout.rows(key.n(), key.m()));
    Slot b = Slot.open(Layout.rows(key.k(), key.m()));
    Slot c = inPlace ? a : Slot.open(Layout.rows(key.n(), key.m()));
    Call call = Call.binary(times ? algorithm.binary_mul : algorithm.binary_add, a, b, c);
    return (x, y, z) -> {
      a.at(x);
      b.at(y);
      c.at(z);
      call.run();
    };
  }

  @Override
  public void sumRows(INDArray a, INDArray c) {
    INDArray row = ones.computeIfAbsent(a.size(0), n -> OneDnnKernels.aligned(1, n).assign(1));
    product(row, a, c, Transposed.NEITHER);
  }

  private void run(Key key, Function<Key, Ternary> maker, INDArray a, INDArray b, INDArray c) {
    Ternary operation = prepared.get(key);
    if (operation == null) {
      operation = maker.apply(key);
      prepared.put(key, operation);
    }
    operation.run(a, b, c);
  }
}
