/**
 * ONNX: Sparkface networks written as ONNX models, models changed (normalisations folded, float16,
 * int8), and models run.
 */
package io.sparkface.models.interop.onnx;
