/** From RecordIO, person folders and verification pickles to Parquet (spec 1). */
package io.sparkface.pipeline.prepare;
