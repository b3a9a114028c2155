/** From a feature map to an embedding (spec section 3.2). */
package io.sparkface.models.embedding;
