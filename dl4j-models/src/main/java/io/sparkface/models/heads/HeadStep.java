package io.sparkface.models.heads;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One backward pass of a head.
 *
 * @param input [N, in]
 * @param labels what the head compares with, [N, ...]
 * @param parameters by name; state is to be updated in place
 * @param gradients of the trained parameters by name, to be overwritten with the derivative of the
 *     loss summed over the batch
 * @param inputGradient [N, in], to be overwritten likewise
 * @param iteration steps taken before this one, for seeds
 */
public record HeadStep(
    INDArray input,
    INDArray labels,
    Map<String, INDArray> parameters,
    Map<String, INDArray> gradients,
    INDArray inputGradient,
    int iteration) {}
