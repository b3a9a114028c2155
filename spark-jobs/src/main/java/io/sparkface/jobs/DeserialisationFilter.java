package io.sparkface.jobs;

import java.io.ObjectInputFilter;

/**
 * Refuses the Java objects that are known to run commands while they are read. Spark's driver and
 * executors send each other Java objects of any class there may be, so that a list of the classes
 * they need cannot be made; what keeps strangers out is {@code spark.authenticate}. This is the
 * second wall: classes through which such objects have been made (the ysoserial collection) and
 * which neither Spark nor Sparkface ever sends. RMI is let through, for JMX.
 *
 * <p>An own {@code -Djdk.serialFilter} takes its place. JEP 290; SECURITY.md.
 */
final class DeserialisationFilter {
  /** In the notation of {@link ObjectInputFilter.Config#createFilter}. */
  static final String PATTERN =
      String.join(
          ";",
          "!org.apache.commons.collections.functors.**",
          "!org.apache.commons.collections.keyvalue.**",
          "!org.apache.commons.collections4.functors.**",
          "!org.apache.commons.collections4.comparators.**",
          "!org.apache.commons.beanutils.**",
          "!org.apache.commons.fileupload.**",
          "!org.codehaus.groovy.**",
          "!org.springframework.**",
          "!org.hibernate.**",
          "!com.mchange.**",
          "!com.sun.rowset.**",
          "!com.sun.org.apache.xalan.**",
          "!javax.naming.**",
          "!javax.management.BadAttributeValueExpException");

  private DeserialisationFilter() {}

  /** How an executor's JVM is told. */
  static String javaOption() {
    return "-Djdk.serialFilter=" + PATTERN;
  }

  /** Sets it for this JVM, unless another is set. */
  static void install() {
    if (ObjectInputFilter.Config.getSerialFilter() == null) {
      ObjectInputFilter.Config.setSerialFilter(ObjectInputFilter.Config.createFilter(PATTERN));
    }
  }
}
