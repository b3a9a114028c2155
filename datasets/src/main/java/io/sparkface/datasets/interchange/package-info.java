/**
 * Files that other tools of the field read and write: npz, TFRecord. Those from strangers are read
 * with limits.
 */
package io.sparkface.datasets.interchange;
