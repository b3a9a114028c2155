/**
 * The page of a run or of several compared: curves, tables and pictures of what {@code train},
 * {@code evaluate} and {@code drop-topk} left behind.
 */
package io.sparkface.pipeline.report;
