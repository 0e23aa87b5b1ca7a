package stream.adasim.bench.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;

class SearchInputTest {
  @TempDir Path folder;

  @Test
  void learnedVectorsNeedImagesAndTwoModels() {
    assertThat(refused("--data=learned")).contains("0 --images and 0 --models");
    assertThat(refused("--data=learned", "--images=synthetic:100", "--models=a.safetensors"))
        .contains("1 --images and 1 --models");
    assertThat(refused("--data=clustered", "--images=synthetic:100")).contains("--data=learned");
  }

  @Test
  void namesAKindThatDoesNotExist() {
    assertThat(refused("--data=clusterd")).contains("clusterd", "low-rank or learned");
  }

  @Test
  void namesAPeerThatDoesNotExist() {
    assertThat(refused("--peers=flat,faiss")).contains("--peers has \"faiss\"", "flat,ivf,hnsw");
    assertThat(refused("--peers=")).contains("--peers has \"\"");
  }

  @Test
  void sizesAreRowsWithOrWithoutADimension() {
    assertThat(Size.parse("16384x192")).isEqualTo(new Size(16_384, 192));
    assertThat(Size.parse("16384")).isEqualTo(new Size(16_384, 0));
    assertThat(refused("--sizes=many")).contains("many", "16384x192");
    assertThat(refused("--sizes=63x192")).contains("63 rows", "64 or more");
    assertThat(refused("--sizes=7919x192")).contains("no multiple of 7919");
    assertThat(refused("--data=low-rank", "--sizes=16384")).contains("need a dimension");
  }

  @Test
  void refusesModelsOfDifferentDimension() throws IOException {
    assertThat(learned("synthetic:100", model(6, 1), model(8, 2)))
        .contains("dimension 6", "has 8", "two states of one training");
  }

  @Test
  void refusesAModelThatIsNotThere() throws IOException {
    assertThat(learned("synthetic:100", model(6, 1), folder.resolve("none.safetensors")))
        .contains("none.safetensors is no file");
  }

  @Test
  void refusesMoreRowsThanThereAreImages() throws IOException {
    assertThat(learned("synthetic:63", model(6, 1), model(6, 2))).contains("63 rows");
    assertThat(learned("synthetic:100", model(6, 1), model(6, 2), "--sizes=101"))
        .contains("100 images, too few");
    assertThat(learned("synthetic:100", model(6, 1), model(6, 2), "--sizes=100x7"))
        .contains("dimension is 6; say 100");
  }

  @Test
  void theBankBeginsWithTheVectorsOfTheFirstModelAndEndsWithThoseOfTheSecond() throws IOException {
    List<String> places = List.of("synthetic:70", "synthetic:30");
    Path before = model(6, 1);
    Path after = model(6, 2);
    List<float[]> first = written(LearnedVectors.embed(places, List.of(before, after), 1), true);
    List<float[]> second = written(LearnedVectors.embed(places, List.of(before, after), 1), false);
    List<float[]> other = written(LearnedVectors.embed(places, List.of(after, before), 1), true);
    assertThat(first)
        .hasSize(100)
        .allSatisfy(row -> assertThat(VectorSource.length(row)).isCloseTo(1, within(1e-6)));
    for (int row = 0; row < 100; row++) {
      assertThat(second.get(row)).containsExactly(other.get(row)).isNotEqualTo(first.get(row));
    }
  }

  /** The vectors that each image has before or after a full pass. */
  private List<float[]> written(LearnedVectors source, boolean before) throws IOException {
    Size size = source.sizes(true).getFirst();
    source.write(folder, size);
    List<float[]> rows = new ArrayList<>();
    try (VectorStream stream = new VectorStream(folder, size.rows(), size.dimension())) {
      stream.advance(before ? 0 : size.rows());
      for (int row = 0; row < size.rows(); row++) {
        rows.add(stream.current(row));
      }
    }
    return rows;
  }

  private Path model(int dimension, long seed) throws IOException {
    var architecture = new Architecture(new VitShape(8, 4, dimension, 1, 2, 2, 0), 5, 4, 7);
    Path file = folder.resolve(dimension + "-" + seed + ".safetensors");
    float[] weights = FeatureNetwork.initialWeights(architecture, seed);
    WeightsExport.write(file, new Model(architecture, "drawn", 0, 0, weights, null), true, false);
    return file;
  }

  private static String learned(String images, Path before, Path after, String... more) {
    List<String> arguments = new ArrayList<>();
    Collections.addAll(arguments, "--data=learned", "--images=" + images);
    arguments.add("--models=" + before + "," + after);
    Collections.addAll(arguments, more);
    return refused(arguments.toArray(String[]::new));
  }

  /** What the command says as it refuses to begin. */
  private static String refused(String... arguments) {
    StringWriter said = new StringWriter();
    int code = SearchCommand.commandLine().setErr(new PrintWriter(said)).execute(arguments);
    assertThat(code).isEqualTo(2);
    return said.toString();
  }
}
