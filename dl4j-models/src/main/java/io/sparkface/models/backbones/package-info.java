/**
 * From images to a feature map: one class per family of networks, reading like the paper's table.
 */
package io.sparkface.models.backbones;
