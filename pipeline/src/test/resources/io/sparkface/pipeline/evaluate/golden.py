"""Makes golden.json: scores and what scikit-learn and numpy find in them.

    python golden.py > golden.json
"""
import json
import warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import auc, roc_curve
from sklearn.model_selection import KFold
from sklearn.preprocessing import normalize

FARS = {"1e-6": 1e-6, "1e-5": 1e-5, "1e-4": 1e-4, "1e-3": 1e-3, "1e-2": 1e-2, "1e-1": 1e-1}


def plain(value):
    return None if np.isnan(value) else float(value)


def original(scores, same):
    tt, ff = np.sort(scores[same]), np.sort(scores[~same])
    k = int(0.1 * len(ff))
    tried = ff[-k:] if k else ff
    acc = [((tt > v).sum() + (ff <= v).sum()) / len(scores) for v in tried]
    best = int(np.argmax(acc))
    return acc[best], tried[best]


def val_far(t, dist, same):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        below = dist < t
        return (np.divide((below & same).sum(), same.sum(), dtype=float),
                np.divide((below & ~same).sum(), (~same).sum(), dtype=float))


def folds(dist_of, same):
    acc, val, far = [], [], []
    for train, test in KFold(10, shuffle=False).split(same):
        dist = dist_of(train)
        coarse, fine = np.arange(0, 4, 0.01), np.arange(0, 4, 0.001)
        best = np.argmax([((dist[train] < t) == same[train]).mean() for t in coarse])
        acc.append(((dist[test] < coarse[best]) == same[test]).mean())
        fars = np.array([val_far(t, dist[train], same[train])[1] for t in fine])
        if np.isnan(fars).any():
            val.append(np.nan), far.append(np.nan)
            continue
        t = np.interp(1e-3, fars, fine) if fars.max() >= 1e-3 else 0.0
        v, f = val_far(t, dist[test], same[test])
        val.append(v), far.append(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [plain(x) for x in (np.mean(acc), np.std(acc), np.nanmean(val), np.nanstd(val), np.nanmean(far))]


def roc(scores, same):
    fpr, tpr, _ = roc_curve(same, scores)
    fpr_r, tpr_r = np.flipud(fpr), np.flipud(tpr)
    return {
        "points": len(fpr), "fpr": fpr.tolist()[:40], "tpr": tpr.tolist()[:40], "auc": auc(fpr, tpr),
        "tar": {n: float(tpr_r[np.argmin(np.abs(fpr_r - f))]) for n, f in FARS.items()}}


def case(name, scores, same):
    accuracy, threshold = original(scores, same)
    both = same.any() and not same.all()
    return {"name": name, "scores": scores.tolist(), "same": same.tolist(), "accuracy": accuracy,
            "threshold": threshold, "folds": folds(lambda train: 2 - 2 * scores, same) if len(same) >= 10 else None,
            "roc": roc(scores, same) if both else None}


rng = np.random.default_rng(7)


def drawn(n, share, digits):
    same = rng.random(n) < share
    scores = np.where(same, rng.normal(.45, .2, n), rng.normal(.05, .15, n)).clip(-1, 1)
    return np.round(scores, digits), same


cases = [case("plain", *drawn(600, .5, 6)), case("ties", *drawn(400, .5, 1)), case("few same", *drawn(333, .05, 3)),
         case("few different", *drawn(57, .9, 3)), case("tiny", *drawn(7, .5, 2)), case("one value", np.full(40, .3), np.arange(40) % 2 == 0)]
half = np.arange(40) < 20  # folds without one kind
cases.append(case("kinds apart", np.round(np.where(half, .6, .1) + rng.normal(0, .2, 40), 4).clip(-1, 1), half))

people = rng.normal(size=(30, 12))
pairs_same = rng.random(85) < .5
first = rng.integers(30, size=85)
second = np.where(pairs_same, first, (first + 1 + rng.integers(29, size=85)) % 30)
rows = np.stack([people[first], people[second]], 1).reshape(170, 12) + rng.normal(0, .7, (170, 12))
rows = normalize(np.round(rows, 4)).astype(np.float32)


def pca_distances(train):
    a, b = rows[0::2].astype(float), rows[1::2].astype(float)
    fitted = PCA(n_components=5, svd_solver="full").fit(np.concatenate([a[train], b[train]]))
    return ((normalize(fitted.transform(a)) - normalize(fitted.transform(b))) ** 2).sum(1)


pca = {"components": 5, "embeddings": [[float(f"{x:.9g}") for x in r] for r in rows], "same": pairs_same.tolist(),
       "folds": folds(pca_distances, pairs_same)}
print(json.dumps({"cases": cases, "pca": pca}))
