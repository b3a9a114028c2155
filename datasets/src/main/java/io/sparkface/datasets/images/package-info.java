/** Pictures: headers, decoding, encoding, resizing, normalisation; one class an operation. */
package io.sparkface.datasets.images;
