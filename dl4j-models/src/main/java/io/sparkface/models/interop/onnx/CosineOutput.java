package io.sparkface.models.interop.onnx;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The margin head as it answers after training: cosines of an embedding with each identity.
 *
 * @param weights [embeddingSize, identities * subCentres], column c * subCentres + k
 * @param subCentres of which the largest cosine counts
 */
public record CosineOutput(INDArray weights, int subCentres) {}
