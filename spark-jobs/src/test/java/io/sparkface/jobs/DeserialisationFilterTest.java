package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import javax.management.BadAttributeValueExpException;
import org.apache.commons.collections.functors.ConstantTransformer;
import org.apache.commons.collections.keyvalue.TiedMapEntry;
import org.junit.jupiter.api.Test;

class DeserialisationFilterTest {
  private static Object readBack(Object object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      in.setObjectInputFilter(ObjectInputFilter.Config.createFilter(DeserialisationFilter.PATTERN));
      return in.readObject();
    }
  }

  @Test
  void linksOfKnownChainsAreRefused() {
    for (Object link :
        List.of(
            new BadAttributeValueExpException(null),
            ConstantTransformer.getInstance("x"),
            new TiedMapEntry(new java.util.HashMap<>(), "x"))) {
      assertThatThrownBy(() -> readBack(link))
          .as(link.getClass().getName())
          .isInstanceOf(InvalidClassException.class)
          .hasMessageContaining("REJECTED");
    }
  }

  @Test
  void otherObjectsAreNot() throws IOException, ClassNotFoundException {
    assertThat(readBack(List.of("a", new float[] {1}.length))).isEqualTo(List.of("a", 1));
  }

  @Test
  void jobsOfThisJvmHaveIt() {
    Main.run("--help");
    assertThat(ObjectInputFilter.Config.getSerialFilter()).isNotNull();
  }
}
