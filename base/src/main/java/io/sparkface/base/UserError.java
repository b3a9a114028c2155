package io.sparkface.base;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something the user can put right: bad data, a wrong option, a missing file.
 *
 * <p>The message always answers three questions: what is wrong, where (file and byte offset, key
 * and line of the plan, name of the option), and what to do about it. Jobs print it without a stack
 * trace and exit with 2.
 */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final Pattern PRINTED =
      Pattern.compile(
          Pattern.quote(UserError.class.getName())
              + ": (.+?)\\R  at: (.+?)\\R  to do: ([^\\r\\n]+)",
          Pattern.DOTALL);

  private final String problem;
  private final String where;
  private final String remedy;

  /**
   * @param problem what is wrong, in one sentence without a full stop
   * @param where the file and offset, the plan key and line, or the option it was found at
   * @param remedy what the user can do, in one sentence
   */
  public UserError(String problem, String where, String remedy) {
    this(problem, where, remedy, null);
  }

  /** As {@link #UserError(String, String, String)}, keeping the error that revealed it. */
  public UserError(String problem, String where, String remedy, Throwable cause) {
    super(problem + "\n  at: " + where + "\n  to do: " + remedy, cause);
    this.problem = Objects.requireNonNull(problem);
    this.where = Objects.requireNonNull(where);
    this.remedy = Objects.requireNonNull(remedy);
  }

  /**
   * The first error that stands in a printed stack trace: Spark may deliver what a task of another
   * JVM threw as text alone.
   */
  public static Optional<UserError> printedIn(String text) {
    Matcher found = PRINTED.matcher(text);
    return found.find()
        ? Optional.of(new UserError(found.group(1), found.group(2), found.group(3)))
        : Optional.empty();
  }

  public String problem() {
    return problem;
  }

  public String where() {
    return where;
  }

  public String remedy() {
    return remedy;
  }
}
