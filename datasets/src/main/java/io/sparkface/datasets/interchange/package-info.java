/** Formats of other tools: TFRecord (spec 9.2). Files from strangers are read with limits. */
package io.sparkface.datasets.interchange;
