/** Exact search with update beside other programs' doing the same in the same minutes. */
@NullMarked
package stream.adasim.bench.search;

import org.jspecify.annotations.NullMarked;
