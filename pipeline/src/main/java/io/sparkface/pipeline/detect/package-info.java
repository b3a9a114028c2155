/** Faces in photos: detectors of three published families, run by ONNX Runtime (spec 1.9). */
package io.sparkface.pipeline.detect;
