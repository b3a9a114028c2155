/** Files that other tools of the field read and write. */
package io.sparkface.datasets.interchange;
