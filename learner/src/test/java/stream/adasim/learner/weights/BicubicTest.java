package stream.adasim.learner.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stream.adasim.learner.network.Bicubic;

class BicubicTest {
  @Test
  void interpolatesPositionsAsDinoDoes() throws IOException {
    for (Map.Entry<String, double[]> line : Fixture.read("bicubic.txt").entrySet()) {
      String[] sides = line.getKey().split("-", -1);
      int from = Integer.parseInt(sides[0]);
      int to = Integer.parseInt(sides[1]);
      float[] grid = new Fixture(7).take(from * from * 2);
      float[] around = new float[grid.length + 3];
      System.arraycopy(grid, 0, around, 3, grid.length);
      float[] resized = Bicubic.resize(around, 3, from, to, 2);
      assertThat(Fixture.apart(resized, line.getValue())).as(line.getKey()).isLessThan(1e-5);
    }
  }
}
