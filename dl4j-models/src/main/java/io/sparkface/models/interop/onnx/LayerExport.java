package io.sparkface.models.interop.onnx;

/** Writes one kind of layer as ONNX nodes, NCHW. */
interface LayerExport<L> {
  /** Appends the layer's nodes; the last result bears the site's name. */
  void write(L layer, LayerSite site);
}
