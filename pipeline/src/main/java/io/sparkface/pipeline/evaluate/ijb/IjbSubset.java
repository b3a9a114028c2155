package io.sparkface.pipeline.evaluate.ijb;

/** The two releases, which differ in names alone. */
public enum IjbSubset {
  IJBB("ijbb", "S1", "S2"),
  IJBC("ijbc", "G1", "G2");

  private final String prefix;
  private final String firstGallery;
  private final String secondGallery;

  IjbSubset(String prefix, String firstGallery, String secondGallery) {
    this.prefix = prefix;
    this.firstGallery = firstGallery;
    this.secondGallery = secondGallery;
  }

  String images() {
    return "loose_crop";
  }

  String templatesAndMedia() {
    return "meta/" + prefix + "_face_tid_mid.txt";
  }

  String landmarks() {
    return "meta/" + prefix + "_name_5pts_score.txt";
  }

  String pairs() {
    return "meta/" + prefix + "_template_pair_label.txt";
  }

  String firstGallery() {
    return gallery(firstGallery);
  }

  String secondGallery() {
    return gallery(secondGallery);
  }

  private String gallery(String name) {
    return "meta/" + prefix + "_1N_gallery_" + name + ".csv";
  }

  String probes() {
    return "meta/" + prefix + "_1N_probe_mixed.csv";
  }
}
