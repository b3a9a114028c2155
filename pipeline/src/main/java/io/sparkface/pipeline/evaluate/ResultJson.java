package io.sparkface.pipeline.evaluate;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.util.Arrays;

/**
 * JSON of results. JSON knows no NaN: a figure that cannot be told is {@code null} there and NaN
 * here.
 */
public final class ResultJson {
  private ResultJson() {}

  /** A mapper that reads what it writes. */
  public static ObjectMapper mapper() {
    SimpleModule figures = new SimpleModule();
    figures.addSerializer(Double.class, new FigureOut());
    figures.addSerializer(double.class, new FigureOut());
    figures.addSerializer(double[].class, new FiguresOut());
    figures.addDeserializer(Double.class, new FigureIn());
    figures.addDeserializer(double.class, new FigureIn());
    figures.addDeserializer(double[].class, new FiguresIn());
    return new ObjectMapper()
        .registerModule(figures)
        // written by a later version
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  private static void write(double value, JsonGenerator out) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeNull();
    }
  }

  private static final class FigureOut extends JsonSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      write(value, out);
    }
  }

  private static final class FiguresOut extends JsonSerializer<double[]> {
    @Override
    public void serialize(double[] values, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeStartArray();
      for (double value : values) {
        write(value, out);
      }
      out.writeEndArray();
    }
  }

  private static final class FigureIn extends JsonDeserializer<Double> {
    @Override
    public Double deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return in.getDoubleValue();
    }

    @Override
    public Double getNullValue(DeserializationContext context) {
      return Double.NaN;
    }
  }

  private static final class FiguresIn extends JsonDeserializer<double[]> {
    @Override
    public double[] deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (!in.isExpectedStartArrayToken()) {
        return (double[]) context.handleUnexpectedToken(double[].class, in);
      }
      double[] values = new double[16];
      int size = 0;
      while (in.nextToken() != JsonToken.END_ARRAY) {
        if (size == values.length) {
          values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] =
            in.currentToken() == JsonToken.VALUE_NULL ? Double.NaN : in.getDoubleValue();
      }
      return Arrays.copyOf(values, size);
    }
  }
}
