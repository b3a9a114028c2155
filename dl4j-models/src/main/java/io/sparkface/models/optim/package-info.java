/** Optimisers with the semantics of Keras and TensorFlow Addons (spec 5.4), as DL4J updaters. */
package io.sparkface.models.optim;
