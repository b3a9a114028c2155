package io.sparkface.models.interop;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Content of a safetensors file: named float32 arrays and textual metadata. */
public record SafetensorsFile(Map<String, INDArray> tensors, Map<String, String> metadata) {}
