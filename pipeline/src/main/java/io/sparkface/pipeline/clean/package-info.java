/** Dropping mislabelled images by the sub-centres of a trained head (spec 8). */
package io.sparkface.pipeline.clean;
