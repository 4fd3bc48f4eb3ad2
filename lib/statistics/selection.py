"""Which of several is best: from draws of their means, which may be, how likely, and what settles it."""

from __future__ import annotations

import numpy as np

CONFIDENCE = 0.95


def probability_of_best(draws: np.ndarray) -> np.ndarray:
    """Return how often each is the highest, shape (m,), over draws of shape (draws, m)."""
    return np.bincount(np.argmax(draws, axis=1), minlength=draws.shape[1]) / len(draws)


def near_best(draws: np.ndarray, within: float) -> np.ndarray:
    """Return how often each lies within a difference of the highest, shape (m,)."""
    return np.mean(draws >= draws.max(axis=1, keepdims=True) - within, axis=0)


def as_good_as_best(draws: np.ndarray, within: float) -> np.ndarray:
    """Return which may be the best, boolean, shape (m,).

    Those most often within the difference of the highest, until the highest is among them in 95 % of the draws; and all
    that are within it more often than not.
    """
    chance, near = probability_of_best(draws), near_best(draws, within)
    order = np.lexsort((-draws.mean(axis=0), -near))
    enough = int(np.searchsorted(np.cumsum(chance[order]), CONFIDENCE - 1e-12)) + 1
    chosen = near >= 0.5
    chosen[order[:enough]] = True
    return chosen
