/** What a file or set holds. */
package io.sparkface.pipeline.inspect;
