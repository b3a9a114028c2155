/** PyTorch: weights out of checkpoints and safetensors, and the networks they belong to. */
package io.sparkface.models.interop.torch;
