"""Makes scores.npz, as the original saves it, one.npy, pairs.txt, and scores.json: what scikit-learn finds in them.

    python scores.py
"""
import json

import numpy as np
from sklearn.metrics import auc, roc_curve

rng = np.random.default_rng(3)
label = (rng.random(80) < .4).astype(np.int64)
scores = [np.round(rng.normal(.4 * label, .25), 2) for _ in range(2)]
names = ["N0D1F1", "N1D1F1"]
np.savez("scores.npz", scores=scores, names=names, label=label)
np.savez("unlabelled.npz", scores=scores, names=names)
np.save("one.npy", scores[1].astype(np.float32))
with open("pairs.txt", "w") as out:
    out.writelines(f"{i + 1} {i + 2} {same}\n" for i, same in enumerate(label))


def found(values):
    fpr, tpr, _ = roc_curve(label, values)
    fpr, tpr = np.flipud(fpr), np.flipud(tpr)
    rates = {f"1e-{n}": float(tpr[np.argmin(np.abs(fpr - 10.0**-n))]) for n in range(1, 7)}
    return {"auc": abs(auc(fpr, tpr)), "tar": rates}


with open("scores.json", "w") as out:
    json.dump({name: found(s) for name, s in zip(names, scores)}, out)
