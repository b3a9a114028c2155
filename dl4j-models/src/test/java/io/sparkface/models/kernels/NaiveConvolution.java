package io.sparkface.models.kernels;

/** Convolution by the definition, in double, over flat NHWC and HWIO arrays. */
record NaiveConvolution(ConvolutionShape s) {
  private interface Term {
    void at(int x, int kernel, int y);
  }

  double[] forward(double[] x, double[] kernel) {
    double[] y = new double[size(s.outputShape())];
    each((i, k, o) -> y[o] += x[i] * kernel[k]);
    return y;
  }

  double[] backwardData(double[] gradient, double[] kernel) {
    double[] x = new double[size(s.inputShape())];
    each((i, k, o) -> x[i] += gradient[o] * kernel[k]);
    return x;
  }

  double[] backwardKernel(double[] x, double[] gradient) {
    double[] kernel = new double[size(s.kernelShape())];
    each((i, k, o) -> kernel[k] += x[i] * gradient[o]);
    return kernel;
  }

  static int size(long[] shape) {
    int product = 1;
    for (long axis : shape) {
      product *= (int) axis;
    }
    return product;
  }

  private void each(Term term) {
    int inGroup = s.in() / s.groups();
    int outGroup = s.out() / s.groups();
    for (int n = 0; n < s.batch(); n++) {
      for (int row = 0; row < s.outHeight(); row++) {
        for (int column = 0; column < s.outWidth(); column++) {
          for (int kr = 0; kr < s.kernelHeight(); kr++) {
            for (int kc = 0; kc < s.kernelWidth(); kc++) {
              int r = row * s.stride() + kr - s.top();
              int c = column * s.stride() + kc - s.left();
              if (r < 0 || c < 0 || r >= s.height() || c >= s.width()) {
                continue;
              }
              for (int o = 0; o < s.out(); o++) {
                for (int i = 0; i < inGroup; i++) {
                  term.at(
                      ((n * s.height() + r) * s.width() + c) * s.in() + o / outGroup * inGroup + i,
                      ((kr * s.kernelWidth() + kc) * inGroup + i) * s.out() + o,
                      ((n * s.outHeight() + row) * s.outWidth() + column) * s.out() + o);
                }
              }
            }
          }
        }
      }
    }
  }
}
