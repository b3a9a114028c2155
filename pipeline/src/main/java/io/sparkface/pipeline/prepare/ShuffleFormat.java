package io.sparkface.pipeline.prepare;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;

/**
 * How {@link Shuffled} items lie in Spark's shuffle files: a tag, then a face's fields one after
 * the other, so that a picture's bytes are copied once and no object graph is walked. Keys, which
 * only say which bucket an item goes to, are not written, nor is where a face was found. Read by
 * the same job alone.
 */
final class ShuffleFormat extends Serializer implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BUFFER = 1 << 16;
  private static final int FACE = 1;
  private static final int SURVEY = 2;
  private static final Object NO_KEY = 0;

  /**
   * Items know nothing of each other. So Spark serialises each one as it comes and sorts the bytes,
   * where it would otherwise keep a task's pictures as objects, guess at their size, and let the
   * collector carry them about.
   */
  @Override
  public boolean supportsRelocationOfSerializedObjects() {
    return true;
  }

  @Override
  public SerializerInstance newInstance() {
    return new Instance();
  }

  private static final class Instance extends SerializerInstance {
    @Override
    public <T> ByteBuffer serialize(T item, ClassTag<T> type) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (Writer out = new Writer(bytes)) {
        out.writeObject(item, type);
      }
      return ByteBuffer.wrap(bytes.toByteArray());
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassTag<T> type) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      try (Reader in = new Reader(new ByteArrayInputStream(copy))) {
        return in.readObject(type);
      }
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> type) {
      return deserialize(bytes, type);
    }

    @Override
    public SerializationStream serializeStream(OutputStream out) {
      return new Writer(out);
    }

    @Override
    public DeserializationStream deserializeStream(InputStream in) {
      return new Reader(in);
    }
  }

  private static final class Writer extends SerializationStream {
    private final DataOutputStream out;

    Writer(OutputStream out) {
      this.out = new DataOutputStream(out);
    }

    @Override
    public <T> SerializationStream writeKey(T key, ClassTag<T> type) {
      return this;
    }

    @Override
    public <T> SerializationStream writeObject(T item, ClassTag<T> type) {
      try {
        if (item instanceof Entry.Good face) {
          out.writeByte(FACE);
          put(face);
        } else {
          out.writeByte(SURVEY);
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          try (ObjectOutputStream object = new ObjectOutputStream(bytes)) {
            object.writeObject(item);
          }
          put(bytes.toByteArray());
        }
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void put(Entry.Good face) throws IOException {
      put(face.identity());
      out.writeLong(face.key());
      put(face.image());
      out.writeInt(face.width());
      out.writeInt(face.height());
      put(face.source());
    }

    private void put(String text) throws IOException {
      put(text.getBytes(StandardCharsets.UTF_8));
    }

    private void put(byte[] bytes) throws IOException {
      out.writeInt(bytes.length);
      out.write(bytes);
    }

    @Override
    public void flush() {
      try {
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Reader extends DeserializationStream {
    private final DataInputStream in;

    Reader(InputStream in) {
      this.in = new DataInputStream(new BufferedInputStream(in, BUFFER));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T readKey(ClassTag<T> type) {
      return (T) NO_KEY;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T readObject(ClassTag<T> type) {
      try {
        return (T) item(in.readByte());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** All items; a stream that ends within one is a fault, never the end. */
    @Override
    public scala.collection.Iterator<Tuple2<Object, Object>> asKeyValueIterator() {
      return JavaConverters.asScalaIteratorConverter(new Items(this)).asScala();
    }

    private Shuffled item(int tag) throws IOException {
      return tag == FACE ? face() : survey();
    }

    private Entry.Good face() throws IOException {
      return new Entry.Good(
          text(), in.readLong(), bytes(), in.readInt(), in.readInt(), text(), "", Entry.WHOLE);
    }

    private Survey survey() throws IOException {
      try (ObjectInputStream object = new ObjectInputStream(new ByteArrayInputStream(bytes()))) {
        return (Survey) object.readObject();
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }

    private String text() throws IOException {
      return new String(bytes(), StandardCharsets.UTF_8);
    }

    private byte[] bytes() throws IOException {
      byte[] bytes = new byte[in.readInt()];
      in.readFully(bytes);
      return bytes;
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Items implements Iterator<Tuple2<Object, Object>> {
    private final Reader reader;
    private int tag = -2;

    Items(Reader reader) {
      this.reader = reader;
    }

    @Override
    public boolean hasNext() {
      try {
        if (tag == -2) {
          tag = reader.in.read();
          if (tag == -1) {
            reader.close();
          }
        }
        return tag != -1;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Tuple2<Object, Object> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        Shuffled item = reader.item(tag);
        tag = -2;
        return new Tuple2<>(NO_KEY, item);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
