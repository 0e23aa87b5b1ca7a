/**
 * The fast CPU backend: tensors in memory of our own outside the heap, oneDNN for products and
 * convolutions, called through the Foreign Function API, and the Vector API for the rest.
 *
 * <p>Parallelism is the caller's: a {@code Worker} thread computes alone, with one OpenMP thread,
 * on a part of the batch whose activations stay in its cache. Calls from any other thread are
 * spread over all threads, operation by operation.
 */
@NullMarked
package stream.adasim.compute.onednn;

import org.jspecify.annotations.NullMarked;
