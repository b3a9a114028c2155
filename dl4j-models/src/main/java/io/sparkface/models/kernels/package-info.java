/**
 * What computes: the few operations a network is made of, prepared once for a shape and then run
 * forward and backward over NHWC arrays. {@link io.sparkface.models.kernels.OneDnnKernels} calls
 * oneDNN on the arrays' own memory; {@link io.sparkface.models.kernels.Nd4jKernels} runs on any
 * ND4J backend and in double.
 */
package io.sparkface.models.kernels;
