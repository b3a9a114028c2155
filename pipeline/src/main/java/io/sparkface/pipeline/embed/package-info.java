/** Networks as functions from pictures to embeddings, whoever trained them. */
package io.sparkface.pipeline.embed;
