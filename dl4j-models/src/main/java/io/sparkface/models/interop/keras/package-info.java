/** Keras: saved models ({@code .h5}) read and written again as ONNX. */
package io.sparkface.models.interop.keras;
