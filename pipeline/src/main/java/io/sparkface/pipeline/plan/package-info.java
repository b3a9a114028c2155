/** A training plan: HOCON in, immutable records out. Nothing below this package knows HOCON. */
package io.sparkface.pipeline.plan;
