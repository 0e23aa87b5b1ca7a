/** Who may use the device that runs the arithmetic. */
@NullMarked
package stream.adasim.learner.device;

import org.jspecify.annotations.NullMarked;
