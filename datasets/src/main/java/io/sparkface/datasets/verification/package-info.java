/**
 * Verification pairs: the {@code .bin} pickles of LFW-type sets, read without running them (spec
 * 1.8).
 */
package io.sparkface.datasets.verification;
