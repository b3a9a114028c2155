/** The margin head and its margins (spec 3.6 and 4.2). */
package io.sparkface.models.margin;
