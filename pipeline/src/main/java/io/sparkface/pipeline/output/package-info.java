/** How files and directories take their place: whole, or not at all. */
package io.sparkface.pipeline.output;
