/** What both {@code datasets} and {@code dl4j-models} need and neither may take from the other. */
package io.sparkface.base;
