/** A training run: graph, epochs, evaluation, checkpoints, history; restartable at every epoch. */
package io.sparkface.pipeline.train;
