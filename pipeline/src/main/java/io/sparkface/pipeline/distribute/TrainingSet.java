package io.sparkface.pipeline.distribute;

import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.pipeline.input.BatchReader;
import java.io.Serializable;

/**
 * What every epoch of a run reads, described so that an executor can open it.
 *
 * @param faces the images
 * @param embeddings directory of the teacher's, or empty
 * @param options how images become arrays
 * @param batchSize images of a step, over all workers
 * @param seed of what is random in a run
 */
public record TrainingSet(
    FaceSet faces, String embeddings, BatchReader.Options options, int batchSize, long seed)
    implements Serializable {}
