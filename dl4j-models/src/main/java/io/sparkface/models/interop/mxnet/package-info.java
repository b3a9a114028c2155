/** MXNet: a {@code -symbol.json} and its {@code .params}, read and written again as ONNX. */
package io.sparkface.models.interop.mxnet;
