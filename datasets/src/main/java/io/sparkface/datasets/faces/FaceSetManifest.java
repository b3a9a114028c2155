package io.sparkface.datasets.faces;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code manifest.json} of a face set.
 *
 * @param format version of the layout, {@value #FORMAT}
 * @param rows images
 * @param identities people; labels are 0 to identities - 1
 * @param quarantined bad records left out, listed in {@code quarantine.jsonl}
 * @param source path the set was made from
 * @param options of the job that made it
 */
public record FaceSetManifest(
    int format,
    long rows,
    int identities,
    long quarantined,
    String source,
    Map<String, String> options)
    implements Serializable {
  public static final int FORMAT = 1;
  public static final String FILE = "manifest.json";
  public static final String SUCCESS = "_SUCCESS";

  public FaceSetManifest {
    options = new TreeMap<>(options);
  }
}
