/**
 * Evaluation on person folders: nearest prototype, ROC, and verification sets of hard pairs (spec
 * 7.2).
 */
package io.sparkface.pipeline.evaluate.folder;
