package stream.adasim.compute.onednn;

import stream.adasim.compute.ArtifactVersion;

/** The line that says what computes. */
final class Description {
  private static final int AVX2 = 0x7;
  private static final int AVX512 = 0x27;
  private static final int AVX512_BF16 = 0xe7;

  private Description() {}

  static String of(int threads) {
    int instructions = Dnnl.instructions();
    return "oneDNN "
        + version()
        + ", "
        + threads
        + (threads == 1 ? " thread, " : " threads, ")
        + name(instructions)
        + ", vectors of "
        + Memory.SPECIES.vectorBitSize()
        + " bits, float32: "
        + (has(instructions, AVX512_BF16)
            ? "bfloat16 products are not built in yet"
            : "the processor has no bfloat16 products");
  }

  private static String name(int instructions) {
    if (has(instructions, AVX512_BF16)) {
      return "avx512 with bf16";
    }
    if (has(instructions, AVX512)) {
      return "avx512";
    }
    if (has(instructions, AVX2)) {
      return "avx2 (slower than avx512)";
    }
    return NativeLibrary.platform().endsWith("x86_64")
        ? "no avx2 (slow)"
        : NativeLibrary.platform();
  }

  private static boolean has(int instructions, int wanted) {
    return (instructions & wanted) == wanted;
  }

  private static String version() {
    String version = ArtifactVersion.of("org.bytedeco", "dnnl");
    int preset = version.indexOf('-');
    return preset < 0 ? version : version.substring(0, preset);
  }
}
