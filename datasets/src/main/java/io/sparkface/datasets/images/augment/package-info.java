/**
 * Changes of training pictures (spec 2.4 to 2.6): one class an operation. What a picture becomes is
 * a function of the picture and the random generator alone.
 */
package io.sparkface.datasets.images.augment;
