package stream.adasim.compute;

import java.util.Objects;

/** What the kernels of the search ask of what they are given, on every backend. */
public final class SearchShapes {
  private SearchShapes() {}

  /** Refuses what {@link Kernels#topK(Tensor, Tensor, int, int, int[], float[])} cannot take. */
  public static void topK(
      Tensor queries, Tensor bank, int count, int k, int[] rows, float[] scores) {
    Shapes.require(k >= 1, "topK", "k=" + k, "1 or more");
    Shapes.require(
        count >= 0 && count <= bank.rows(), "topK", "count=" + count, "0.." + bank.rows());
    Shapes.require(
        rows.length == queries.rows() * k && scores.length == rows.length,
        "topK",
        "rows and scores of " + rows.length + " and " + scores.length,
        "queries times k=" + queries.rows() * k);
  }

  /** Refuses known rows that are not of the bank, or not k of each query. */
  public static void known(Tensor queries, int count, int k, int[] known) {
    Shapes.require(
        known.length == queries.rows() * k,
        "topK",
        "known of " + known.length,
        "queries times k=" + queries.rows() * k);
    for (int row : known) {
      Shapes.require(row < count, "topK", "known row " + row, "one of " + count);
    }
  }

  /** Refuses outlines that do not belong with the vectors. */
  public static void outlines(Tensor queries, Tensor bank, Tensor queryOutlines, Tensor outlines) {
    int p = outlines.columns();
    if (queryOutlines.columns() != p || queryOutlines.rows() != queries.rows()) {
      throw Shapes.wrong(
          "topK", "queryOutlines", queryOutlines, "(" + queries.rows() + ", " + p + ")");
    }
    if (outlines.rows() != bank.rows()) {
      throw Shapes.wrong("topK", "outlines", outlines, "(" + bank.rows() + ", " + p + ")");
    }
  }

  /** Refuses what {@link Kernels#exactProducts} cannot take. */
  public static void exactProducts(
      Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products) {
    if (bank.columns() != queries.columns()) {
      throw Shapes.wrong(
          "exactProducts", "bank", bank, "(" + bank.rows() + ", " + queries.columns() + ")");
    }
    Shapes.require(
        rows.length == queries.rows() * perQuery && products.length == rows.length,
        "exactProducts",
        "rows and products of " + rows.length + " and " + products.length,
        "queries times perQuery=" + queries.rows() * perQuery);
    for (int row : rows) {
      if (row >= 0) {
        Objects.checkIndex(row, bank.rows());
      }
    }
  }
}
