package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static stream.adasim.ingest.source.Samples.all;
import static stream.adasim.ingest.source.Samples.names;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ShuffleBufferTest {

  private static Item[] skipped(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Skipped(Integer.toString(i)))
        .toArray(Item[]::new);
  }

  @Test
  void losesAndDoublesNothing() {
    List<String> names =
        names(all(new ShuffleBuffer(new FixedItems(skipped(1000)), 1, 32, Long.MAX_VALUE)));

    assertThat(names)
        .hasSize(1000)
        .doesNotHaveDuplicates()
        .isNotEqualTo(names(List.of(skipped(1000))));
  }

  @Test
  void movesNoItemFurtherForwardThanTheBufferIsLong() {
    List<String> names =
        names(all(new ShuffleBuffer(new FixedItems(skipped(1000)), 2, 32, Long.MAX_VALUE)));

    for (int position = 0; position < names.size(); position++) {
      assertThat(Integer.parseInt(names.get(position))).isLessThan(position + 32);
    }
  }

  @Test
  void holdsNoMoreBytesThanItMay() {
    var read = new ArrayList<Item>();
    Items images =
        new IndexedItems(
            100,
            new Order.AsStored(),
            i -> {
              Item image = new Synthetic(100, 32, 1).items(new Order.AsStored()).next();
              read.add(image);
              return image;
            },
            () -> {});

    new ShuffleBuffer(images, 1, 1000, 1).next();

    assertThat(read).hasSize(1);
  }
}
