package stream.adasim.compute.onednn;

import stream.adasim.compute.ArtifactVersion;
import stream.adasim.compute.Precision;

/** The line that says what computes. */
final class Description {
  private static final boolean X86 = NativeLibrary.platform().endsWith("x86_64");
  private static final int AVX2 = 0x7;
  private static final int AVX512 = 0x27;
  private static final int AVX512_VNNI = 0x67;
  private static final int AVX512_BF16 = 0xe7;

  private Description() {}

  /** Whether the processor multiplies bfloat16 itself. */
  static boolean bfloat16Instructions() {
    return has(Dnnl.instructions(), AVX512_BF16);
  }

  /** Whether it has what the library's own code for bfloat16 products needs. */
  static boolean bfloat16Emulation() {
    return has(Dnnl.instructions(), AVX512);
  }

  /** Whether products of whole numbers of 8 bits are several times as fast as float32's. */
  static boolean int8Instructions() {
    return has(Dnnl.instructions(), AVX512_VNNI);
  }

  static String of(int threads, Precision asked, boolean bfloat16) {
    int instructions = Dnnl.instructions();
    return "oneDNN "
        + version()
        + ", "
        + threads
        + (threads == 1 ? " thread, " : " threads, ")
        + name(instructions)
        + ", vectors of "
        + Memory.SPECIES.vectorBitSize()
        + " bits, "
        + choice(asked, bfloat16);
  }

  private static String choice(Precision asked, boolean bfloat16) {
    if (bfloat16) {
      return bfloat16Instructions()
          ? "bfloat16 products: the processor has instructions for them"
          : "bfloat16 products: asked for, the processor emulates them (slow)";
    }
    if (asked == Precision.FP32) {
      return "float32: asked for";
    }
    return X86
        ? "float32: the processor has no bfloat16 products"
        : "float32: bfloat16 products are for x86-64 alone";
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
    return X86 ? "no avx2 (slow)" : NativeLibrary.platform();
  }

  private static boolean has(int instructions, int wanted) {
    // Elsewhere the same bits name other instructions.
    return X86 && (instructions & wanted) == wanted;
  }

  private static String version() {
    String version = ArtifactVersion.of("org.bytedeco", "dnnl");
    int preset = version.indexOf('-');
    return preset < 0 ? version : version.substring(0, preset);
  }
}
