/** Ours beside a peer or a floor, on this machine, in the same minutes. */
package io.sparkface.bench;
