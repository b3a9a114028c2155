/** Models for use elsewhere: written as ONNX, checked against their source, measured. */
package io.sparkface.pipeline.export;
