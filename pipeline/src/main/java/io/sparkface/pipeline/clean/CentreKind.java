package io.sparkface.pipeline.clean;

import io.sparkface.pipeline.embed.ModelFile;

/** What images are measured against. */
public enum CentreKind {
  /** The centres or sub-centres of the margin head that was trained on the set (spec 8). */
  HEAD("dominant sub-centre", 75),
  /**
   * The means of identities' own embeddings: for models that have no centres of the set's
   * identities. The usual angle is the one that found most planted errors among real faces while
   * dropping hardly any other image (docs/jobs.md).
   */
  MEANS("identity mean", 70);

  private final String title;
  private final double usualDegrees;

  CentreKind(String title, double usualDegrees) {
    this.title = title;
    this.usualDegrees = usualDegrees;
  }

  /** What a model is usually asked for: its head, unless it is one of others. */
  public static CentreKind of(String model) {
    return ModelFile.named(model).isPresent() ? MEANS : HEAD;
  }

  /** Its name in messages and results. */
  public String title() {
    return title;
  }

  /** Largest angle to it that images are usually kept within. */
  public double usualDegrees() {
    return usualDegrees;
  }
}
