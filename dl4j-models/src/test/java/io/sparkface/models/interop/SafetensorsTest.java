package io.sparkface.models.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SafetensorsTest {
  private static byte[] written() throws IOException {
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    tensors.put("b", Nd4j.createFromArray(1f, -2f, 3.5f));
    // a transposed view: its values do not lie in the order of its rows
    tensors.put("w", Nd4j.arange(6).castTo(DataType.FLOAT).reshape(2, 3).transpose());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, tensors, Map.of("format", "test"));
    return out.toByteArray();
  }

  private static SafetensorsFile read(byte[] bytes) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(bytes), "memory", bytes.length);
  }

  @Test
  void readsWhatItWrites() throws IOException {
    SafetensorsFile file = read(written());
    assertThat(file.metadata()).containsEntry("format", "test");
    assertThat(file.tensors().get("b").toFloatVector()).containsExactly(1f, -2f, 3.5f);
    assertThat(file.tensors().get("w").toFloatMatrix())
        .isDeepEqualTo(new float[][] {{0, 3}, {1, 4}, {2, 5}});
  }

  @Test
  void readsAFileWrittenByHand() throws IOException {
    String header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) header.length(), 0, 0, 0, 0, 0, 0, 0});
    out.write(header.getBytes(StandardCharsets.US_ASCII));
    out.write(new byte[] {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, (byte) 0xC0});
    assertThat(read(out.toByteArray()).tensors().get("x").toFloatVector()).containsExactly(1f, -2f);
  }

  @Test
  void refusesACutFile() throws IOException {
    byte[] bytes = written();
    assertThatThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length - 4)))
        .isInstanceOf(UserError.class);
  }

  /** Any bytes are either tensors or a {@link UserError}. */
  @FuzzTest
  void anyBytesAreTensorsOrRefused(byte[] bytes) throws IOException {
    try {
      read(bytes);
    } catch (UserError expected) {
      assertThat(expected.where()).isEqualTo("memory");
    }
  }
}
