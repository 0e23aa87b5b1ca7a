package stream.adasim.bench.contest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** Lines over two logarithmic axes, as a PNG file. */
public final class LogPlot {
  private final XYChart chart;

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

  /** Adds a line through points of positive coordinates, as many {@code across} as {@code up}. */
  public void line(String name, List<Double> across, List<Double> up) {
    chart.addSeries(name, across, up);
  }

  /** Writes what there is and says where. */
  public void write(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
    System.out.println("plot: " + file);
  }
}
