package io.sparkface.datasets.faces;

import java.io.Serializable;

/**
 * The unit of work on a face set.
 *
 * @param file path of the Parquet file
 * @param index of the row group in it
 * @param rows images in it
 */
public record RowGroup(String file, int index, long rows) implements Serializable {}
