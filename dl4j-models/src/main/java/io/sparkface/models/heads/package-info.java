/** What output layers with a loss of their own have in common, as DL4J layers. */
package io.sparkface.models.heads;
