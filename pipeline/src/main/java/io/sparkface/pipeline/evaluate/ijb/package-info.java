/**
 * The IJB-B and IJB-C protocols (spec 7.3, 7.4): images → templates → pair scores (1:1) or searches
 * in galleries (1:N).
 */
package io.sparkface.pipeline.evaluate.ijb;
