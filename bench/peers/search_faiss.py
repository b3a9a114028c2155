# exact search in a large gallery by FAISS: the peer of `bench/run search`
import sys, time, numpy as np, faiss
rows, width, threads = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
faiss.omp_set_num_threads(threads)
r = np.random.default_rng(1)
index = faiss.IndexFlatIP(width)
while index.ntotal < rows:
    x = r.random((min(16384, rows - index.ntotal), width), dtype=np.float32) - 0.5
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    index.add(x)
for count in map(int, sys.argv[4].split(",")):
    q = r.random((count, width), dtype=np.float32) - 0.5
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    index.search(q, 10)
    t = []
    for _ in range(7):
        s = time.perf_counter(); index.search(q, 10); t.append(time.perf_counter() - s)
    t.sort()
    print(f"FAISS {rows} rows x {width}, {count} queries: {1e3*t[3]:.1f} ms ({1e3*t[0]:.1f} to {1e3*t[-1]:.1f})", flush=True)
