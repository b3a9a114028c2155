package io.sparkface.pipeline.input;

import java.io.Serializable;

/**
 * Where one image lies in a face set.
 *
 * @param group index in {@link io.sparkface.datasets.faces.FaceSet#rowGroups()}
 * @param row from 0, within the row group
 */
public record RowRef(int group, int row) implements Serializable {}
