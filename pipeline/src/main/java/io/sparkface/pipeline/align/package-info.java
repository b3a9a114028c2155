/** From photos to aligned faces, on executors (spec 1.9). */
package io.sparkface.pipeline.align;
