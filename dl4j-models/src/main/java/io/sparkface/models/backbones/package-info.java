/** Backbones, one class a family, each read like its paper's table (spec 3.3 to 3.5). */
package io.sparkface.models.backbones;
