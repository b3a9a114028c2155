/** Heads between a backbone's feature map and the embedding (spec 3.2). */
package io.sparkface.models.embedding;
