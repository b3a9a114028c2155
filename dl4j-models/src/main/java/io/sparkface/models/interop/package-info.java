/** Weights in and out. */
package io.sparkface.models.interop;
