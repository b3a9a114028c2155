/**
 * From Parquet row groups to training batches: order, decode, augmentation, a few batches ahead.
 */
package io.sparkface.pipeline.input;
