package io.sparkface.models.interop.mxnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * MXNet's {@code -symbol.json}: {@code nodes}, each with {@code op} ("null" for inputs and
 * weights), {@code name}, {@code inputs} [node, output, …] and attributes as strings, under {@code
 * attrs}, or {@code attr} or {@code param} in older files; and {@code heads}, the results.
 *
 * @param nodes in an order in which inputs come first
 * @param heads numbers of the nodes that are results
 */
record Symbol(List<Node> nodes, List<Integer> heads) {
  private static final int MOST_NODES = 1_000_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A node.
   *
   * @param inputs numbers of earlier nodes, whose first result is taken
   */
  record Node(
      String op, String name, List<Integer> inputs, Map<String, String> attributes, String where) {

    boolean isVariable() {
      return op.equals("null");
    }

    String text(String key, String otherwise) {
      return attributes.getOrDefault(key, otherwise);
    }

    boolean flag(String key, boolean otherwise) {
      String value = text(key, otherwise ? "True" : "False");
      return switch (value) {
        case "True", "true", "1" -> true;
        case "False", "false", "0" -> false;
        default -> throw wrong(key, value);
      };
    }

    double real(String key, double otherwise) {
      String value = text(key, Double.toString(otherwise));
      try {
        return Double.parseDouble(value);
      } catch (NumberFormatException e) {
        throw wrong(key, value);
      }
    }

    int number(String key, int otherwise) {
      String value = text(key, Integer.toString(otherwise));
      try {
        return Integer.parseInt(value);
      } catch (NumberFormatException e) {
        throw wrong(key, value);
      }
    }

    /** Numbers as "(3, 3)" or "[3,3]"; null where the node has none. */
    long[] numbers(String key) {
      String value = text(key, "None");
      if (value.equals("None")) {
        return null;
      }
      try {
        String inner = value.replaceAll("[()\\[\\]\\sL]", "");
        String[] parts = inner.isEmpty() ? new String[0] : inner.split(",");
        long[] numbers = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
          numbers[i] = Integer.parseInt(parts[i]);
        }
        return numbers;
      } catch (NumberFormatException e) {
        throw wrong(key, value);
      }
    }

    /** The two numbers of a window over pictures. */
    long[] pair(String key, long otherwise) {
      long[] numbers = numbers(key);
      if (numbers == null || numbers.length == 0) {
        return new long[] {otherwise, otherwise};
      }
      if (numbers.length != 2 || numbers[0] < 0 || numbers[1] < 0) {
        throw wrong(key, text(key, ""));
      }
      return numbers;
    }

    UserError wrong(String key, String value) {
      return refused("has " + key + " = " + value + ", which cannot be translated");
    }

    UserError refused(String why) {
      return new UserError(
          "the node '" + name + "' (" + op + ") " + why,
          where,
          "use another model, or convert it to ONNX with MXNet");
    }
  }

  static Symbol read(byte[] bytes, String where) {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (IOException e) {
      throw new UserError(
          "the symbol is no JSON: " + e.getMessage().lines().findFirst().orElse(""),
          where,
          "name a -symbol.json file",
          e);
    }
    JsonNode listed = root.path("nodes");
    if (!listed.isArray() || listed.isEmpty() || listed.size() > MOST_NODES) {
      throw damaged("the symbol has " + listed.size() + " nodes", where);
    }
    List<Node> nodes = new ArrayList<>();
    for (JsonNode node : listed) {
      nodes.add(node(node, nodes.size(), where));
    }
    LinkedHashSet<Integer> heads = new LinkedHashSet<>();
    for (JsonNode head : root.path("heads")) {
      heads.add(reference(head, nodes.size(), "heads", where));
    }
    if (heads.isEmpty()) {
      throw damaged("the symbol has no heads", where);
    }
    return new Symbol(nodes, List.copyOf(heads));
  }

  private static Node node(JsonNode node, int index, String where) {
    String name = node.path("name").asText("");
    String op = node.path("op").asText("");
    if (name.isEmpty() || op.isEmpty()) {
      throw damaged("node " + index + " has no name or no op", where);
    }
    Map<String, String> attributes = new HashMap<>();
    for (String key : List.of("param", "attr", "attrs")) {
      node.path(key)
          .fields()
          .forEachRemaining(entry -> attributes.put(entry.getKey(), entry.getValue().asText()));
    }
    List<Integer> inputs = new ArrayList<>();
    for (JsonNode input : node.path("inputs")) {
      inputs.add(reference(input, index, "node '" + name + "'", where));
    }
    return new Node(op, name, inputs, attributes, where);
  }

  private static int reference(JsonNode reference, int below, String who, String where) {
    int node = reference.path(0).asInt(-1);
    if (node < 0 || node >= below) {
      throw damaged(who + " refers to node " + reference.path(0).asText("nothing"), where);
    }
    return node;
  }

  private static UserError damaged(String problem, String where) {
    return new UserError(problem, where, "name a -symbol.json that MXNet wrote");
  }
}
