/** Small drawn face sets, so that the whole way can be tried without any face data. */
package io.sparkface.pipeline.synthetic;
