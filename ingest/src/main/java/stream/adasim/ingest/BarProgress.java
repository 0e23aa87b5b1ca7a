package stream.adasim.ingest;

import java.util.OptionalLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar with rate and time left on a terminal. */
final class BarProgress implements Progress {
  private final ProgressBar bar;

  /**
   * @param total items to expect, where that is known
   */
  BarProgress(OptionalLong total) {
    bar =
        new ProgressBarBuilder()
            .setTaskName("images")
            .setInitialMax(total.orElse(-1))
            .setStyle(ProgressBarStyle.ASCII)
            .showSpeed()
            .build();
  }

  @Override
  public void at(IngestReport report) {
    bar.stepTo(report.sent() + report.skipped() + report.unreadable());
  }

  @Override
  public void close() {
    bar.close();
  }
}
