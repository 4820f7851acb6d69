#!/usr/bin/python3
"""Writes statistics_goldens.json from SciPy (Debian: python3-scipy). Not needed to run the tests."""
import itertools
import json
import pathlib

import numpy as np
from scipy import stats

random = np.random.default_rng(7)


def rank_case(first, second):
    """Exact p from all ways to share the values out, ties included; SciPy's own where they agree."""
    first, second = np.asarray(first, float), np.asarray(second, float)
    pooled = np.concatenate([first, second])
    ranks = stats.rankdata(pooled)
    n, m = len(first), len(second)
    u = ranks[n:].sum() - m * (m + 1) / 2
    sums = np.array([sum(c) for c in itertools.combinations(ranks, m)])
    p = np.mean(np.abs(sums - sums.mean()) >= abs(ranks[n:].sum() - sums.mean()) - 1e-9)
    if len(set(pooled)) == len(pooled):
        scipy = stats.mannwhitneyu(second, first, method="exact")
        assert abs(scipy.statistic - u) < 1e-9 and abs(scipy.pvalue - p) < 1e-9
    return dict(first=list(first), second=list(second), u=float(u), p=float(p))


def asymptotic_case(first, second):
    scipy = stats.mannwhitneyu(second, first, method="asymptotic")
    return dict(first=list(map(float, first)), second=list(map(float, second)),
                u=float(scipy.statistic), p=float(scipy.pvalue))


def bootstrap_case(first, second, level):
    """Percentile bootstrap of the ratio of medians by SciPy, a million resamples."""
    result = stats.bootstrap(
        (first, second), lambda a, b, axis: np.median(b, axis=axis) / np.median(a, axis=axis),
        vectorized=True, n_resamples=1_000_000, batch=20_000, confidence_level=level,
        method="percentile", random_state=random)
    return dict(first=list(map(float, first)), second=list(map(float, second)), level=level,
                low=float(result.confidence_interval.low),
                high=float(result.confidence_interval.high))


def energy_case(values, split):
    x, y = np.asarray(values[:split]), np.asarray(values[split:])
    between = np.abs(x[:, None] - y[None]).mean()
    within = [np.abs(a[:, None] - a[None]).sum() / (len(a) * (len(a) - 1)) for a in (x, y)]
    n, m = len(x), len(y)
    return dict(values=list(map(float, values)), split=split,
                distance=float(n * m / (n + m) * (2 * between - sum(within))))


def sample(n, shift=1.0):
    return 100 * shift * (1 + 0.01 * random.standard_normal(n))


p = random.uniform(size=12) ** 3
golden = dict(
    exact=[rank_case(sample(9), sample(9, f)) for f in (1, 1.005, 1.01, 1.05)]
    + [rank_case(sample(5), sample(8)), rank_case([1, 2, 2, 3, 3], [2, 3, 3, 4, 4, 4]),
       rank_case([1, 1, 1, 1], [1, 1, 1]), rank_case(np.round(sample(8)), np.round(sample(8, 1.01)))],
    asymptotic=[asymptotic_case(sample(30), sample(40, 1.004)),
                asymptotic_case(np.round(sample(50)), np.round(sample(50, 1.005)))],
    bootstrap=[bootstrap_case(sample(n), sample(m, f), level)
               for n, m, f, level in ((9, 9, 1, .99), (9, 9, 1.05, .99), (7, 11, 1.02, .95),
                                      (8, 10, 1.01, .9), (20, 15, 1, .95))],
    adjusted=dict(p=list(map(float, p)), adjusted=None),
    energy=[energy_case(np.concatenate([sample(6), sample(9, 1.03)]), 6), energy_case(sample(12), 5)],
)
order = np.argsort(p)
scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
adjusted = np.empty(len(p))
adjusted[order] = np.minimum(1, np.minimum.accumulate(scaled[::-1])[::-1])
golden["adjusted"]["adjusted"] = list(map(float, adjusted))
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
