/**
 * Models and checkpoints on disk: JSON and safetensors only, checksummed, written beside their name
 * and then renamed. Nothing here deserialises objects, so a stranger's model is data and no more.
 */
package io.sparkface.pipeline.checkpoint;
