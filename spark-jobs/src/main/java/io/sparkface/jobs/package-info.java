/** One class a job; {@link io.sparkface.jobs.Main} is what {@code spark-submit} starts. */
package io.sparkface.jobs;
