/** Face networks on Deeplearning4j: backbones, embedding heads, margin heads, import and export. */
package io.sparkface.models;
