/** Pictures in the memory that networks read. */
package io.sparkface.pipeline.tensor;
