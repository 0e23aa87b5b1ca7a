package stream.adasim.standalone.evaluate;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;

/**
 * L-BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5) with a backtracking line search, for
 * smooth convex functions. The same function gives the same point, bit for bit.
 */
final class Lbfgs {
  private static final int MEMORY = 10;
  private static final double ARMIJO = 1e-4;
  private static final int HALVINGS = 30;

  private Lbfgs() {}

  /** A function with its gradient. */
  @FunctionalInterface
  interface Objective {
    /** The value at a point; writes the gradient there. */
    double at(double[] point, double[] gradient);
  }

  @SuppressWarnings("ArrayRecordComponent") // vectors of the iteration, never compared
  private record Pair(double[] s, double[] y, double rho) {}

  /**
   * Minimises.
   *
   * @param start is left as it is
   * @param tolerance ends where the largest component of the gradient is below it
   */
  static double[] minimise(Objective objective, double[] start, int iterations, double tolerance) {
    double[] x = start.clone();
    double[] gradient = new double[x.length];
    double value = objective.at(x, gradient);
    double[] next = new double[x.length];
    double[] nextGradient = new double[x.length];
    Deque<Pair> pairs = new ArrayDeque<>();
    for (int i = 0; i < iterations && largest(gradient) >= tolerance; i++) {
      double[] direction = direction(gradient, pairs);
      double slope = dot(direction, gradient);
      double step = pairs.isEmpty() ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
      double found = Double.POSITIVE_INFINITY;
      for (int h = 0; h < HALVINGS; h++, step /= 2) {
        for (int d = 0; d < x.length; d++) {
          next[d] = x[d] + step * direction[d];
        }
        found = objective.at(next, nextGradient);
        if (found <= value + ARMIJO * step * slope) {
          break;
        }
      }
      if (!(found < value)) {
        break; // as exact as the function can be computed
      }
      remember(pairs, x, next, gradient, nextGradient);
      System.arraycopy(next, 0, x, 0, x.length);
      System.arraycopy(nextGradient, 0, gradient, 0, x.length);
      value = found;
    }
    return x;
  }

  private static void remember(
      Deque<Pair> pairs, double[] x, double[] next, double[] gradient, double[] nextGradient) {
    double[] s = new double[x.length];
    double[] y = new double[x.length];
    for (int d = 0; d < x.length; d++) {
      s[d] = next[d] - x[d];
      y[d] = nextGradient[d] - gradient[d];
    }
    double curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) {
      pairs.addLast(new Pair(s, y, 1 / curvature));
      if (pairs.size() > MEMORY) {
        pairs.removeFirst();
      }
    }
  }

  /** Minus the inverse Hessian's approximation times the gradient. */
  private static double[] direction(double[] gradient, Deque<Pair> pairs) {
    double[] q = gradient.clone();
    double[] alphas = new double[pairs.size()];
    int at = pairs.size();
    for (Iterator<Pair> newest = pairs.descendingIterator(); newest.hasNext(); ) {
      Pair pair = newest.next();
      alphas[--at] = pair.rho() * dot(pair.s(), q);
      add(-alphas[at], pair.y(), q);
    }
    if (!pairs.isEmpty()) {
      Pair newest = pairs.getLast();
      scale(dot(newest.s(), newest.y()) / dot(newest.y(), newest.y()), q);
    }
    for (Pair pair : pairs) {
      double beta = pair.rho() * dot(pair.y(), q);
      add(alphas[at++] - beta, pair.s(), q);
    }
    scale(-1, q);
    return q;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double factor, double[] from, double[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * from[i];
    }
  }

  private static void scale(double factor, double[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factor;
    }
  }

  private static double largest(double[] x) {
    return Arrays.stream(x).map(Math::abs).max().orElse(0);
  }
}
