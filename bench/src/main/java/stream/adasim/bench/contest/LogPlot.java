package stream.adasim.bench.contest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** Lines over two logarithmic axes, as a PNG file. */
public final class LogPlot {
  private record Line(List<Double> across, List<Double> up) {}

  private final XYChart chart;
  private final Map<String, Line> lines = new LinkedHashMap<>();

  /** An empty one. */
  public LogPlot(String title, String across, String up) {
    chart =
        new XYChartBuilder()
            .width(900)
            .height(560)
            .title(title)
            .xAxisTitle(across)
            .yAxisTitle(up)
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
  }

  /** Goes on with a line, or begins it; both coordinates are positive. */
  public void add(String name, double across, double up) {
    Line line = lines.computeIfAbsent(name, _ -> new Line(new ArrayList<>(), new ArrayList<>()));
    line.across.add(across);
    line.up.add(up);
  }

  /** Writes what there is, once, and says where. */
  public void write(Path file) throws IOException {
    lines.forEach((name, line) -> chart.addSeries(name, line.across, line.up));
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
    System.out.println("plot: " + file);
  }
}
