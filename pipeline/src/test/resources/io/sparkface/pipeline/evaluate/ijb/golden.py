"""Makes golden.json: image embeddings of a small release, and numpy's and scikit-learn's figures of it.

    python golden.py > golden.json
"""
import json

import numpy as np
from sklearn.metrics import auc, roc_curve

rng = np.random.default_rng(11)
N, D, PEOPLE = 160, 6, 9
person_of_template = rng.integers(PEOPLE, size=50)
template = np.sort(rng.integers(50, size=N)) + 100
media = template * 10 + rng.integers(3, size=N)
people = rng.normal(size=(PEOPLE, D))
own = people[person_of_template[template - 100]]
plain = np.round(own + rng.normal(0, 1.1, (N, D)), 3).astype(np.float32)
mirrored = np.round(own + rng.normal(0, 1.1, (N, D)), 3).astype(np.float32)
score = np.round(rng.uniform(.5, 1, N), 3).astype(np.float32)
ids = np.unique(template)
pairs = [(int(a), int(b)) for i, a in enumerate(ids) for b in ids[i + 1:]]
same = np.array([person_of_template[a - 100] == person_of_template[b - 100] for a, b in pairs])


def features(n, d, f):
    emb = plain.astype(float) + (mirrored if f else 0)
    if n:
        emb = emb / np.linalg.norm(emb, axis=1, keepdims=True)
    if d:
        emb = emb * score[:, None].astype(float)
    out = {}
    for t in ids:
        rows = template == t
        feature = np.sum([emb[rows & (media == m)].mean(0) for m in np.unique(media[rows])], 0)
        out[int(t)] = feature / np.linalg.norm(feature)
    return out


FARS = {"1e-6": 1e-6, "1e-5": 1e-5, "1e-4": 1e-4, "1e-3": 1e-3, "1e-2": 1e-2, "1e-1": 1e-1}
verification = {}
for n in (0, 1):
    for d in (0, 1):
        for f in (0, 1):
            feats = features(n, d, f)
            scores = np.array([feats[a] @ feats[b] for a, b in pairs]).astype(np.float32)
            fpr, tpr, _ = roc_curve(same, scores)
            fpr, tpr = np.flipud(fpr), np.flipud(tpr)
            verification[f"N{n}D{d}F{f}"] = {
                "auc": abs(auc(fpr, tpr)), "first": [float(x) for x in scores[:5]],
                "tar": {k: float(tpr[np.argmin(np.abs(fpr - v))]) for k, v in FARS.items()}}

# one gallery template a person: people 0..3 in the first, 4..6 in the second, 7 and 8 in none
gallery, probes = [[], []], []
seen = set()
for t in ids:
    p = int(person_of_template[t - 100])
    if p < 7 and p not in seen:
        seen.add(p)
        gallery[0 if p < 4 else 1].append((int(t), p))
    else:
        probes.append((int(t), p))
feats = features(0, 1, 1)
figures, dirs = [], []
fars = [10 ** (-4 + 4 * i / 100) for i in range(100)] + [1]
for g in gallery:
    sims = np.array([[feats[t] @ feats[u] for u, _ in g] for t, _ in probes])
    subjects = [s for _, s in g]
    mated = [i for i, (_, s) in enumerate(probes) if s in subjects]
    others = sorted((sims[i].max() for i in range(len(probes)) if i not in mated), reverse=True)
    truth = {i: subjects.index(probes[i][1]) for i in mated}
    ranks = np.array([int((sims[i] > sims[i, truth[i]]).sum()) + 1 for i in mated])
    figures.append({"entries": len(g), "mated": len(mated), "nonMated": len(others),
                    "top1": float((ranks <= 1).mean()), "top5": float((ranks <= 5).mean())})
    dirs.append([float(np.mean([r == 1 and sims[i, truth[i]] > others[max(int(len(others) * f) - 1, 0)]
                                for i, r in zip(mated, ranks)])) for f in fars])
print(json.dumps({
    "template": template.tolist(), "media": media.tolist(), "score": [float(s) for s in score],
    "plain": [[float(x) for x in r] for r in plain], "mirrored": [[float(x) for x in r] for r in mirrored],
    "pairs": [[a, b, int(s)] for (a, b), s in zip(pairs, same)], "verification": verification,
    "galleries": gallery, "probes": probes, "identification": figures, "dir": np.mean(dirs, 0).tolist()}))
