package stream.adasim.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may know whom. The services meet in topics and nowhere else. */
class ModuleRulesTest {

  private static final String SCHEMAS = "stream.adasim.schemas..";
  private static final String RECORDS = "stream.adasim.avro..";
  private static final String COMPUTE = "stream.adasim.compute..";
  private static final String HTTP = "stream.adasim.http..";
  private static final String INGEST = "stream.adasim.ingest..";
  private static final String LEARNER = "stream.adasim.learner..";
  private static final String INDEXER = "stream.adasim.indexer..";
  private static final String STANDALONE = "stream.adasim.standalone..";
  private static final String BENCH = "stream.adasim.bench..";

  private static JavaClasses ours;

  @BeforeAll
  static void read() {
    ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("stream.adasim");
  }

  @Test
  void everyModuleIsLookedAt() {
    Set<String> modules =
        ours.stream()
            .map(JavaClass::getPackageName)
            .map(name -> name.split("\\.", -1)[2])
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(modules)
        .containsExactlyInAnyOrder(
            "avro",
            "bench",
            "compute",
            "http",
            "indexer",
            "ingest",
            "learner",
            "schemas",
            "standalone");
  }

  @Test
  void schemasKnowsNothingOfOurs() {
    noClasses()
        .that()
        .resideInAnyPackage(SCHEMAS, RECORDS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(COMPUTE, HTTP, INGEST, LEARNER, INDEXER, STANDALONE)
        .check(ours);
  }

  @Test
  void computeKnowsNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage(COMPUTE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SCHEMAS, RECORDS, HTTP, INGEST, LEARNER, INDEXER, STANDALONE)
        .check(ours);
  }

  @Test
  void httpKnowsSettingsAndNoService() {
    noClasses()
        .that()
        .resideInAPackage(HTTP)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(RECORDS, COMPUTE, INGEST, LEARNER, INDEXER, STANDALONE)
        .check(ours);
  }

  @Test
  void clientsOfTopicsNeedNoServer() {
    noClasses()
        .that()
        .resideInAnyPackage(SCHEMAS, RECORDS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.helidon..", "io.micrometer..")
        .check(ours);
  }

  @Test
  void ingestKnowsNoOtherServiceAndDoesNoArithmetic() {
    noClasses()
        .that()
        .resideInAPackage(INGEST)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(COMPUTE, LEARNER, INDEXER, STANDALONE)
        .check(ours);
  }

  @Test
  void learnerKnowsNoOtherService() {
    noClasses()
        .that()
        .resideInAPackage(LEARNER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(INGEST, INDEXER, STANDALONE)
        .check(ours);
  }

  @Test
  void indexerKnowsNoOtherService() {
    noClasses()
        .that()
        .resideInAPackage(INDEXER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(INGEST, LEARNER, STANDALONE)
        .check(ours);
  }

  @Test
  void benchmarksMayKnowAllAndNobodyKnowsThem() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BENCH)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(BENCH)
        .check(ours);
  }

  @Test
  void onlyComputeKnowsWhatRunsTheArithmetic() {
    noClasses()
        .that()
        .resideOutsideOfPackage(COMPUTE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.nd4j..", "org.bytedeco..")
        .check(ours);
  }

  @Test
  void recordsOfTopicsAreGeneratedFromTheSchemas() {
    classes()
        .that()
        .implement(SpecificRecord.class)
        .should()
        .resideInAPackage("stream.adasim.avro")
        .check(ours);
  }

  @Test
  void packagesAreNamedAfterWhatTheyDo() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..model..")
        .check(ours);
  }
}
