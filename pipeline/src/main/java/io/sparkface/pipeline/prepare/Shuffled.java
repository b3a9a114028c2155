package io.sparkface.pipeline.prepare;

import java.io.Serializable;

/** What travels from the tasks that read the input to those that write the set. */
sealed interface Shuffled extends Serializable permits Entry.Good, Survey {}
