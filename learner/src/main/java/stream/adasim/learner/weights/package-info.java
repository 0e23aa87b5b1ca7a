/** Weights from and to other programs, under the names that DINO, timm and torchvision have. */
@NullMarked
package stream.adasim.learner.weights;

import org.jspecify.annotations.NullMarked;
