"""Search with update in faiss, as a peer that is told when to run.

Reads orders line by line: `drift U S` replaces U vectors (S is for who learns from searches),
`effort E` sets what a search spends, `recall N` answers with the ids that the next N queries find,
`batches N` runs N batches of searches that each replace what they searched for, and answers with their
milliseconds. At the end of its input it says its peak memory.
"""

import argparse
import os
import resource
import sys
import time

for argument in sys.argv:  # looked at once, when faiss is loaded
    if argument.startswith("--blas-core=") and argument[12:]:
        os.environ["OPENBLAS_CORETYPE"] = argument[12:]

import faiss
import numpy as np


class Flat:
    def __init__(self, o, vectors):
        self.index = faiss.IndexFlatIP(o.dim)
        self.index.add(vectors)
        self.rows = faiss.rev_swig_ptr(self.index.get_xb(), vectors.size).reshape(vectors.shape)
        self.tune(vectors[:: len(vectors) // o.batch][: o.batch].copy(), o.k)

    def tune(self, queries, k):
        """The default is many times slower: take the best of faiss's own settings."""
        best = None
        for threshold in (1, 10**9):
            for rows in (1024, 4096, 16384) if threshold == 1 else (1024,):
                for at_once in (32, 64):
                    setting = (threshold, at_once, rows)
                    self.use(setting)
                    times = []
                    for _ in range(5):
                        begin = time.perf_counter()
                        self.index.search(queries, k)
                        times.append(time.perf_counter() - begin)
                    if best is None or min(times) < best[0]:
                        best = (min(times), setting)
        self.use(best[1])
        self.setting = "BLAS threshold %d, %d queries by %d rows" % best[1]

    @staticmethod
    def use(setting):
        faiss.cvar.distance_compute_blas_threshold = setting[0]
        faiss.cvar.distance_compute_blas_query_bs = setting[1]
        faiss.cvar.distance_compute_blas_database_bs = setting[2]

    def effort(self, e):
        pass

    def search(self, queries, k):
        return self.index.search(queries, k)[1]

    def replace(self, ids, vectors):
        self.rows[ids] = vectors


class Ivf:
    def __init__(self, o, vectors):
        lists = int(4 * len(vectors) ** 0.5)
        self.quantizer = faiss.IndexFlatIP(o.dim)
        self.index = faiss.IndexIVFFlat(self.quantizer, o.dim, lists, faiss.METRIC_INNER_PRODUCT)
        self.index.cp.niter = 10
        self.index.train(vectors[:: max(1, len(vectors) // (64 * lists))].copy())
        self.index.add(vectors)
        self.index.make_direct_map()
        self.setting = "%d lists" % lists

    def effort(self, e):
        self.index.nprobe = min(e, self.index.nlist)

    def search(self, queries, k):
        return self.index.search(queries, k)[1]

    def replace(self, ids, vectors):
        self.index.update_vectors(ids, vectors)


class Hnsw:
    """It has no update: vectors change beneath their links, which stay as they were."""

    def __init__(self, o, vectors):
        self.index = faiss.IndexHNSWFlat(o.dim, 32, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = 80
        self.index.add(vectors)
        storage = faiss.downcast_index(self.index.storage)
        self.rows = faiss.rev_swig_ptr(storage.get_xb(), vectors.size).reshape(vectors.shape)
        self.setting = "32 links"

    def effort(self, e):
        self.index.hnsw.efSearch = e

    def search(self, queries, k):
        return self.index.search(queries, k)[1]

    def replace(self, ids, vectors):
        self.rows[ids] = vectors


class Stream:
    """Which image comes when, with which vector: as in Java."""

    def __init__(self, o):
        self.o = o
        shape = (o.rows, o.dim)
        self.versions = [np.memmap("%s/%d.f32" % (o.data, v), "<f4", "r", shape=shape) for v in (0, 1)]
        self.at = 0

    def next(self, count, advance=True):
        numbers = self.at + np.arange(count, dtype=np.int64)
        ids = numbers * 7919 % self.o.rows
        version = 1 - numbers // self.o.rows % 2
        vectors = np.where(version[:, None] == 1, self.versions[1][ids], self.versions[0][ids])
        if advance:
            self.at += count
        return ids, np.ascontiguousarray(vectors, dtype=np.float32)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--index", choices=["flat", "ivf", "hnsw"], required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--blas-core", default="")
    for name in "rows dim batch k threads".split():
        parser.add_argument("--" + name, type=int, required=True)
    o = parser.parse_args()
    faiss.omp_set_num_threads(o.threads)
    stream = Stream(o)
    index = {"flat": Flat, "ivf": Ivf, "hnsw": Hnsw}[o.index](o, np.array(stream.versions[0]))
    print("ready faiss", faiss.__version__, faiss.get_compile_options().strip(), index.setting,
          "OpenBLAS for " + o.blas_core if o.blas_core else "", flush=True)
    for line in sys.stdin:
        order, *number = line.split()
        if order == "drift":
            left = int(number[0])
            while left:
                count = min(left, 1024)
                index.replace(*stream.next(count))
                left -= count
            print("ok", flush=True)
        elif order == "effort":
            index.effort(int(number[0]))
            print("ok", flush=True)
        elif order == "recall":
            found = index.search(stream.next(int(number[0]), advance=False)[1], o.k)
            print("ids", *found.ravel(), flush=True)
        elif order == "batches":
            times = []
            for _ in range(int(number[0])):
                ids, vectors = stream.next(o.batch)
                begin = time.perf_counter()
                index.search(vectors, o.k)
                index.replace(ids, vectors)
                times.append("%.3f" % ((time.perf_counter() - begin) * 1e3))
            print("ms", *times, flush=True)
    print("rss", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


main()
