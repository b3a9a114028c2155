/**
 * DL4J layers computed by {@link io.sparkface.models.kernels.Kernels}: configuration and
 * implementation side by side. Each keeps its parameters in one block, laid out by {@link
 * io.sparkface.models.layers.ParameterBlock}.
 */
package io.sparkface.models.layers;
