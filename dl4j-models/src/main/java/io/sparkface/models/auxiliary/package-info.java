/** Losses beside or in place of the margin (spec 4.3 to 4.5). */
package io.sparkface.models.auxiliary;
