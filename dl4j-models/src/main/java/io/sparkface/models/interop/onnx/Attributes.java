package io.sparkface.models.interop.onnx;

import java.util.stream.LongStream;
import onnx.OnnxMl.AttributeProto;
import onnx.OnnxMl.AttributeProto.AttributeType;
import onnx.OnnxMl.NodeProto;
import org.nd4j.shade.protobuf.ByteString;

/** Attributes of an ONNX node. */
public final class Attributes {
  private Attributes() {}

  /** An integer. */
  public static AttributeProto number(String name, long value) {
    return named(name, AttributeType.INT).setI(value).build();
  }

  /** A float. */
  public static AttributeProto real(String name, double value) {
    return named(name, AttributeType.FLOAT).setF((float) value).build();
  }

  /** A string. */
  public static AttributeProto text(String name, String value) {
    return named(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
  }

  /** A list of integers. */
  public static AttributeProto numbers(String name, long... values) {
    AttributeProto.Builder attribute = named(name, AttributeType.INTS);
    LongStream.of(values).forEach(attribute::addInts);
    return attribute.build();
  }

  static long number(NodeProto node, String name, long otherwise) {
    return node.getAttributeList().stream()
        .filter(attribute -> attribute.getName().equals(name))
        .mapToLong(AttributeProto::getI)
        .findFirst()
        .orElse(otherwise);
  }

  static double real(NodeProto node, String name, double otherwise) {
    return node.getAttributeList().stream()
        .filter(attribute -> attribute.getName().equals(name))
        .mapToDouble(AttributeProto::getF)
        .findFirst()
        .orElse(otherwise);
  }

  private static AttributeProto.Builder named(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}
