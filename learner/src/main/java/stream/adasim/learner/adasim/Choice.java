package stream.adasim.learner.adasim;

import stream.adasim.learner.window.WindowImage;

/**
 * The partner of one image for one step.
 *
 * @param partner the image to take the second view from; the chosen-for image itself where none
 *     other may be
 * @param gateOpen whether AdaSim's {@link Gate} was open for the image, its votes being enough;
 *     measured under every policy
 * @param bootstrapped whether the partner is another image
 */
public record Choice(WindowImage partner, boolean gateOpen, boolean bootstrapped) {}
