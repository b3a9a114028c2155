# 1:1 of random templates with numpy and scikit-learn: templates_numpy.py TEMPLATES PAIRS GENUINE
import resource
import sys
import time

import numpy as np
from sklearn.metrics import auc, roc_curve

templates, pairs, genuine = map(int, sys.argv[1:4])
rng = np.random.default_rng(1)
features = rng.standard_normal((templates, 512), dtype=np.float32)
features /= np.linalg.norm(features, axis=1, keepdims=True)
first = rng.integers(0, templates, pairs)
second = rng.integers(0, templates, pairs)
label = np.zeros(pairs, dtype=np.int8)
label[:genuine] = 1
for repeat in range(3):
    start = time.perf_counter()
    scores = np.empty(pairs, dtype=np.float32)
    for i in range(0, pairs, 100_000):
        part = slice(i, i + 100_000)
        scores[part] = np.einsum("ij,ij->i", features[first[part]], features[second[part]])
    fpr, tpr, _ = roc_curve(label, scores)
    area = auc(fpr, tpr)
    print(f"seconds={time.perf_counter() - start:.2f} auc={area:.4f}")
print(f"peak_mib={resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
