/**
 * Verification on pairs: the original's accuracy, and the 10-fold protocol papers report (spec
 * 7.1).
 */
package io.sparkface.pipeline.evaluate;
