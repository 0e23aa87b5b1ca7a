package stream.adasim.learner.health;

/** What is measured each mini-epoch. */
public enum Indicator {
  /** Mean loss, nats. */
  LOSS("epochLoss"),
  /** Hs: mean entropy of the teacher's distributions, nats. */
  TEACHER_ENTROPY("epochTeacherEntropy"),
  /** Hm: mean entropy of a batch's mean distribution, nats. */
  BATCH_ENTROPY("epochBatchEntropy"),
  /** b: share of the trained images whose partner was another image. */
  BOOTSTRAPPED("epochBootstrappedShare"),
  /** r1: share of images whose newest vote had themselves first. */
  SELF_RANK_ONE("selfRetrieval"),
  /** r1w: share of images with enough votes that come first in the sum of their votes. */
  SELF_FIRST("selfFirst"),
  /** Mean of S(self) / m less the best other's. */
  SELF_MARGIN("selfMargin"),
  /** Mean Jaccard index of the ids of two votes in a row. */
  VOTE_AGREEMENT("voteAgreement"),
  /** Share of votes that name one of the 1 % of the images that are named most. */
  HUB_SHARE("hubShare"),
  /** Skewness of how often images are named. */
  HUB_SKEWNESS("hubSkewness"),
  /** Share of images that no vote names. */
  NEVER_NAMED("neverNamed"),
  /** Effective number of dimensions in use. */
  RANK_ME("rankMe"),
  /** Mean squared distance of two views of an image. */
  ALIGNMENT("alignment"),
  /** log mean exp(-2 d^2) of different images; 0 where all are the same. */
  UNIFORMITY("uniformity"),
  /** Mean standard deviation of unit features, times the root of D. */
  FEATURE_STD("epochFeatureStd"),
  /** Mean cosine of different images. */
  MEAN_COSINE("meanCosine"),
  /** Share of labelled images with a labelled other partner whose labels are the same. */
  PARTNER_LABELS("partnerLabelAgreement"),
  /** RankMe by its largest value since training has settled: a part of the quality. */
  RELATIVE_RANK("relativeRank"),
  /** q: geometric mean of self-first, vote agreement, relative rank and 1 - hub share. */
  QUALITY("quality");

  private final String field;

  Indicator(String field) {
    this.field = field;
  }

  /** Its field in TrainingProgress. */
  String field() {
    return field;
  }
}
