package stream.adasim.standalone.experiment;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One measurement of a run. What was not measured is null; means are over the steps since the
 * measurement before.
 *
 * @param step optimiser steps so far
 * @param passes visits so far per image of the window
 * @param images visits so far
 * @param seconds spent in training so far, measurements left out
 * @param knn share of held-out images classified right, k = 20, T = 0.07, all of the data being the
 *     bank
 * @param heldOut how many that were
 * @param classes the same per class; null for a class without held-out images
 * @param gateRate share of visits at an open gate
 * @param bootstrapped share of visits whose partner was another image
 * @param partners label accuracy of those partners
 * @param gatedCandidates of the visits at an open gate, the share whose best other candidate has
 *     their label
 * @param otherCandidates the same of the visits at a closed gate
 * @param reciprocalCandidates the same of the visits whose best other candidate has the image among
 *     its own candidates, whatever the gate says
 * @param oneSidedCandidates the same of the visits whose best other candidate has not
 * @param rankMe of the held-out features
 */
public record Point(
    long step,
    double passes,
    long images,
    double seconds,
    double knn,
    int heldOut,
    List<@Nullable Double> classes,
    double rankMe,
    double alignment,
    double uniformity,
    @Nullable Double loss,
    @Nullable Double teacherEntropy,
    @Nullable Double batchEntropy,
    @Nullable Double gateRate,
    @Nullable Double bootstrapped,
    @Nullable Double partners,
    @Nullable Double gatedCandidates,
    @Nullable Double otherCandidates,
    @Nullable Double reciprocalCandidates,
    @Nullable Double oneSidedCandidates) {}
