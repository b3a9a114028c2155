/**
 * Teacher embeddings: written once per set, read beside the images while a student trains (spec 9).
 */
package io.sparkface.pipeline.distill;
