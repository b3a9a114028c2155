/**
 * Face sets: the Parquet columns, their row groups, the manifest, and the numbering of identities.
 */
package io.sparkface.datasets.faces;
