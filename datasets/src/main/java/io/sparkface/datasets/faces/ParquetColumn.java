package io.sparkface.datasets.faces;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.apache.parquet.schema.PrimitiveType;

/**
 * A required column of a Parquet file: what of a row stands in it.
 *
 * @param <T> a row
 */
sealed interface ParquetColumn<T> {
  String name();

  /** The same of a row that {@code part} takes out of another. */
  <S> ParquetColumn<S> of(Function<S, T> part);

  /** Room for the values of a row group. */
  ColumnChunk<T> chunk(PrimitiveType type);

  /** Numbers, as the bits that stand in the file. */
  record Numbers<T>(String name, ToLongFunction<T> bits) implements ParquetColumn<T> {
    @Override
    public <S> ParquetColumn<S> of(Function<S, T> part) {
      return new Numbers<>(name, row -> bits.applyAsLong(part.apply(row)));
    }

    @Override
    public ColumnChunk<T> chunk(PrimitiveType type) {
      return new NumberChunk<>(type, bits);
    }
  }

  /** Binary values of any length. */
  record Binaries<T>(String name, Function<T, byte[]> value) implements ParquetColumn<T> {
    @Override
    public <S> ParquetColumn<S> of(Function<S, T> part) {
      return new Binaries<>(name, part.andThen(value));
    }

    @Override
    public ColumnChunk<T> chunk(PrimitiveType type) {
      return new BinaryChunk<>(type, value);
    }
  }

  static <T> ParquetColumn<T> ints(String name, ToIntFunction<T> value) {
    return new Numbers<>(name, value::applyAsInt);
  }

  static <T> ParquetColumn<T> longs(String name, ToLongFunction<T> value) {
    return new Numbers<>(name, value);
  }

  static <T> ParquetColumn<T> floats(String name, Function<T, Float> value) {
    return new Numbers<>(name, row -> Float.floatToRawIntBits(value.apply(row)));
  }

  static <T> ParquetColumn<T> bytes(String name, Function<T, byte[]> value) {
    return new Binaries<>(name, value);
  }

  static <T> ParquetColumn<T> text(String name, Function<T, String> value) {
    return new Binaries<>(name, row -> value.apply(row).getBytes(StandardCharsets.UTF_8));
  }
}
