/** Where the steps of an epoch are computed. */
package io.sparkface.pipeline.distribute;
