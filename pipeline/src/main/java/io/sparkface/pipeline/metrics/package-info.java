/** Counts and rates of a process, given to Spark's metrics sinks. */
package io.sparkface.pipeline.metrics;
