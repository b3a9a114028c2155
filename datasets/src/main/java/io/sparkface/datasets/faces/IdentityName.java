package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;

/** Names that may become folder names. */
public final class IdentityName {
  private static final int LONGEST = 200;

  private IdentityName() {}

  /**
   * The name itself.
   *
   * @throws UserError when as a folder name it would lead elsewhere or be unreadable
   */
  public static String check(String name, String where) {
    if (name.isBlank()
        || name.length() > LONGEST
        || name.equals(".")
        || name.equals("..")
        || name.chars().anyMatch(c -> c == '/' || c == '\\' || c < ' ' || c == 0x7F)) {
      throw new UserError(
          "'" + name.replaceAll("\\p{Cntrl}", "?") + "' cannot be the name of an identity",
          where,
          "rename the folder");
    }
    return name;
  }
}
