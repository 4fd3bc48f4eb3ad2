"""How often to repeat each of a few candidates so that the best of them becomes known."""

from __future__ import annotations

import numpy as np
from scipy import linalg

LEAST = 2


def allocation(means: np.ndarray, noise: np.ndarray, runs: int, within: float) -> np.ndarray:
    """Share runs out among candidates by optimal computing budget allocation, shape (k,), at least LEAST each.

    Chen, Lin, Yücesan & Chick (2000, Discrete Event Dynamic Systems 10, 251-270): runs of a candidate go with the
    square of its noise over its distance to the best, those of the best with the root of the sum of the squares of the
    others'. Distances below `within` count as that: telling such apart isn't asked for.
    """
    k = len(means)
    if k == 1:
        return np.array([max(runs, LEAST)])
    best = int(np.argmax(means))
    apart = np.maximum(means[best] - means, within)
    weight = (noise / apart) ** 2
    others = np.arange(k) != best
    weight[best] = noise[best] * np.sqrt(np.sum((weight[others] / noise[others]) ** 2))
    wanted = runs * weight / weight.sum()
    times = np.maximum(np.floor(wanted).astype(int), LEAST)
    while times.sum() > runs and times.max() > LEAST:
        times[int(np.argmax(np.where(times > LEAST, times - wanted, -np.inf)))] -= 1
    while times.sum() < runs:
        times[int(np.argmax(wanted - times))] += 1
    return times


def power(draws: np.ndarray, noise: np.ndarray, times: np.ndarray, within: float, seed: int = 20240607) -> float:
    """Return the chance that after the repeats the candidate that looks best is within a difference of the best one.

    draws : joint draws of the candidates' means as they are known now, shape (draws, k). Each draw is taken for the
    truth once: means of repeats are drawn about it, and what was known is updated by them as a normal distribution.
    """
    if draws.shape[1] == 1:
        return 1.0
    middle, known = draws.mean(axis=0), np.cov(draws, rowvar=False)
    of_mean = noise / np.sqrt(times)
    seen = draws + of_mean * np.random.default_rng(seed).standard_normal(draws.shape)
    gain = linalg.solve(known + np.diag(of_mean**2) + 1e-12 * np.eye(len(middle)), known, assume_a="pos")
    after = middle + (seen - middle) @ gain
    taken = draws[np.arange(len(draws)), np.argmax(after, axis=1)]
    return float(np.mean(taken >= draws.max(axis=1) - within))
