package io.sparkface;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;

/** Who may use whom: jobs → pipeline → models and datasets → base, never back. */
@AnalyzeClasses(packages = "io.sparkface", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleArrowsTest {
  @ArchTest
  static final ArchRule DATASETS_KNOW_FILES_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.sparkface.datasets..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sparkface.models..",
              "io.sparkface.pipeline..",
              "io.sparkface.jobs..",
              "org.apache.spark..",
              "org.deeplearning4j..",
              "org.nd4j..");

  @ArchTest
  static final ArchRule MODELS_KNOW_NETWORKS_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.sparkface.models..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sparkface.datasets..",
              "io.sparkface.pipeline..",
              "io.sparkface.jobs..",
              "org.apache.spark..",
              "org.apache.hadoop..");

  @ArchTest
  static final ArchRule PIPELINE_KNOWS_NO_JOB =
      noClasses()
          .that()
          .resideInAPackage("io.sparkface.pipeline..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.sparkface.jobs..", "picocli..");

  @ArchTest
  static final ArchRule PLANS_ARE_READ_IN_ONE_PACKAGE =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.sparkface.pipeline.plan")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.typesafe.config..");

  @ArchTest
  static final ArchRule JAVA_OBJECTS_ARE_READ_BY_SPARK_ALONE =
      noClasses()
          .that()
          // Spark's own shuffle, between executors of one application
          .doNotHaveFullyQualifiedName("io.sparkface.pipeline.prepare.ShuffleFormat$Reader")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ObjectInputStream.class)
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching(
              "(org\\.apache\\.commons\\.lang3?\\.SerializationUtils"
                  + "|org\\.nd4j\\.common\\.util\\.SerializationUtils"
                  + "|com\\.esotericsoftware\\.kryo\\..*)");
}
