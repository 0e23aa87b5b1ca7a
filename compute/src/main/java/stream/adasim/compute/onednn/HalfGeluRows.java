package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The GELU, {@code x Phi(x)}, and its slope, {@code Phi(x) + x phi(x)}, of rows in bfloat16, whose
 * 8 bits need no more than polynomials: {@code 1/2 + x p(x^2)} for Phi and slope each, of degree 7
 * in x^2, fitted to least largest errors within -4..4 and held at the ends, below -4 the GELU, too.
 * That keeps both within 3e-4, the GELU of more than 4 within 5e-5 of its size. In bfloat16 a 1 is
 * off by up to 4e-3.
 */
final class HalfGeluRows {
  private static final float END = 4;

  private static final float P0 = 0.3986734f;
  private static final float P1 = -0.06588783f;
  private static final float P2 = 0.009505392f;
  private static final float P3 = -0.0010064888f;
  private static final float P4 = 7.485482e-05f;
  private static final float P5 = -3.657115e-06f;
  private static final float P6 = 1.0419534e-07f;
  private static final float P7 = -1.301283e-09f;

  private static final float S0 = 0.7967216f;
  private static final float S1 = -0.26202977f;
  private static final float S2 = 0.055914763f;
  private static final float S3 = -0.0076874224f;
  private static final float S4 = 0.0006876423f;
  private static final float S5 = -3.8459308e-05f;
  private static final float S6 = 1.2137948e-06f;
  private static final float S7 = -1.6419591e-08f;

  private HalfGeluRows() {}

  /** x becomes the slope, y the GELU. */
  static void row(long x, long y, int n) {
    gelu(x, y, n);
    slope(x, n);
  }

  /** x becomes the GELU. */
  static void row(long x, int n) {
    gelu(x, x, n);
  }

  private static void gelu(long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = Halves.load(x, i);
      v = v.blend(-END, v.compare(VectorOperators.LT, -END));
      FloatVector z = v.blend(END, v.compare(VectorOperators.GT, END));
      FloatVector u = z.mul(z);
      FloatVector p = u.mul(P7).add(P6);
      p = p.fma(u, FloatVector.broadcast(SPECIES, P5));
      p = p.fma(u, FloatVector.broadcast(SPECIES, P4));
      p = p.fma(u, FloatVector.broadcast(SPECIES, P3));
      p = p.fma(u, FloatVector.broadcast(SPECIES, P2));
      p = p.fma(u, FloatVector.broadcast(SPECIES, P1));
      p = p.fma(u, FloatVector.broadcast(SPECIES, P0));
      Halves.storeIn(true, p.fma(z, FloatVector.broadcast(SPECIES, 0.5f)).mul(v), y, i);
    }
    for (int i = whole; i < n; i++) {
      float v = Math.max(Halves.get(x, i), -END);
      float z = Math.min(v, END);
      float u = z * z;
      float p = P7 * u + P6;
      p = Math.fma(p, u, P5);
      p = Math.fma(p, u, P4);
      p = Math.fma(p, u, P3);
      p = Math.fma(p, u, P2);
      p = Math.fma(p, u, P1);
      p = Math.fma(p, u, P0);
      Halves.set(y, i, Math.fma(p, z, 0.5f) * v);
    }
  }

  private static void slope(long x, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector z = Halves.load(x, i);
      z = z.blend(-END, z.compare(VectorOperators.LT, -END));
      z = z.blend(END, z.compare(VectorOperators.GT, END));
      FloatVector u = z.mul(z);
      FloatVector s = u.mul(S7).add(S6);
      s = s.fma(u, FloatVector.broadcast(SPECIES, S5));
      s = s.fma(u, FloatVector.broadcast(SPECIES, S4));
      s = s.fma(u, FloatVector.broadcast(SPECIES, S3));
      s = s.fma(u, FloatVector.broadcast(SPECIES, S2));
      s = s.fma(u, FloatVector.broadcast(SPECIES, S1));
      s = s.fma(u, FloatVector.broadcast(SPECIES, S0));
      Halves.storeIn(true, s.fma(z, FloatVector.broadcast(SPECIES, 0.5f)), x, i);
    }
    for (int i = whole; i < n; i++) {
      float z = Math.min(Math.max(Halves.get(x, i), -END), END);
      float u = z * z;
      float s = S7 * u + S6;
      s = Math.fma(s, u, S5);
      s = Math.fma(s, u, S4);
      s = Math.fma(s, u, S3);
      s = Math.fma(s, u, S2);
      s = Math.fma(s, u, S1);
      s = Math.fma(s, u, S0);
      Halves.set(x, i, Math.fma(s, z, 0.5f));
    }
  }
}
