/** MXNet RecordIO: the container, the image records in it, and its index (spec 1.1 to 1.5). */
package io.sparkface.datasets.recordio;
