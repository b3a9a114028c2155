/** Who is in a picture: compare, search, annotate, follow through a video (spec 10). */
package io.sparkface.pipeline.recognize;
