package io.sparkface.models.kernels;

import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;

/** oneDNN's descriptions of our arrays; its dimensions are always in NCHW and OIHW order. */
final class Layout {
  private Layout() {}

  static memory.desc row(long length) {
    return layout(format_tag.x, length);
  }

  static memory.desc rows(long rows, long columns) {
    return layout(format_tag.nc, rows, columns);
  }

  static memory.desc image(long batch, long height, long width, long channels) {
    return image(format_tag.nhwc, batch, height, width, channels);
  }

  static memory.desc image(format_tag tag, long batch, long height, long width, long channels) {
    return layout(tag, batch, channels, height, width);
  }

  /** A matrix that lies in memory as {@code [rows, columns]}, read as its transpose. */
  static memory.desc transposed(long rows, long columns) {
    return layout(format_tag.ba, columns, rows);
  }

  /** The numbers a convolution multiplies; memory bounds a depthwise one, not arithmetic. */
  static memory.data_type factors(ConvolutionShape s, Precision precision) {
    return precision == Precision.BF16 && !s.depthwise()
        ? memory.data_type.bf16
        : memory.data_type.f32;
  }

  static memory.desc input(ConvolutionShape s, memory.data_type type) {
    return layout(type, format_tag.nhwc, s.batch(), s.in(), s.height(), s.width());
  }

  static memory.desc output(ConvolutionShape s, memory.data_type type) {
    return layout(type, format_tag.nhwc, s.batch(), s.out(), s.outHeight(), s.outWidth());
  }

  /** The kernel as parameters hold it. */
  static memory.desc plainKernel(ConvolutionShape s) {
    return s.groups() == 1
        ? layout(format_tag.hwio, s.out(), s.in(), s.kernelHeight(), s.kernelWidth())
        : grouped(memory.data_type.f32, format_tag.hwigo, s);
  }

  /** The kernel as the primitive likes it best. */
  static memory.desc anyKernel(ConvolutionShape s, memory.data_type type) {
    return s.groups() == 1
        ? layout(type, format_tag.any, s.out(), s.in(), s.kernelHeight(), s.kernelWidth())
        : grouped(type, format_tag.any, s);
  }

  /** Any view: sizes, and elements from one to the next along each axis. */
  static memory.desc strided(long[] dimensions, long... strides) {
    return new memory.desc(dimensions, memory.data_type.f32, strides);
  }

  private static memory.desc grouped(memory.data_type type, format_tag tag, ConvolutionShape s) {
    int groups = s.groups();
    return layout(
        type, tag, groups, s.out() / groups, s.in() / groups, s.kernelHeight(), s.kernelWidth());
  }

  private static memory.desc layout(format_tag tag, long... dimensions) {
    return layout(memory.data_type.f32, tag, dimensions);
  }

  private static memory.desc layout(memory.data_type type, format_tag tag, long... dimensions) {
    return new memory.desc(dimensions, type, tag);
  }
}
