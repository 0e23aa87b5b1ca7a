package stream.adasim.compute.onednn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;

/** Kernels that multiply in bfloat16 beside the reference, for the tests of a class. */
abstract class Bfloat16AndReference {
  static Kernels kernels;
  static Kernels reference;

  @BeforeAll
  static void open() {
    assumeTrue(
        Description.bfloat16Emulation(), "the processor has no AVX-512: bfloat16 is not tested");
    kernels = OnednnKernels.open(2, Precision.BF16);
    reference = Backends.open("nd4j", 0);
  }

  @AfterAll
  static void close() {
    if (kernels != null) {
      kernels.close();
      reference.close();
    }
  }
}
