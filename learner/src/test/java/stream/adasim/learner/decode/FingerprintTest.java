package stream.adasim.learner.decode;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  @Test
  void isTheStartOfTheSha256BigEndian() {
    // FIPS 180-2, appendix B.1: SHA-256("abc") = ba7816bf 8f01cfea ...
    assertThat(Fingerprint.of(ByteBuffer.wrap("abc".getBytes(US_ASCII))))
        .isEqualTo(0xba7816bf8f01cfeaL);
  }

  @Test
  void readsWhatRemainsAndLeavesThePositionAlone() {
    var buffer = ByteBuffer.wrap("xxabcyy".getBytes(US_ASCII)).position(2).limit(5);
    assertThat(Fingerprint.of(buffer.asReadOnlyBuffer())).isEqualTo(0xba7816bf8f01cfeaL);
    assertThat(buffer.position()).isEqualTo(2);
  }
}
