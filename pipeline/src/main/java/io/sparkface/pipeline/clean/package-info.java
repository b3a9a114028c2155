/** Dropping mislabelled images by a trained head (spec 8) or by identities' means. */
package io.sparkface.pipeline.clean;
