"""Adaptive searches over positions: what W&B's Bayes and Optuna's TPE do, in short."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy import linalg, special

from testing.planted import Knob, Positions

STARTED_AT_RANDOM = 10
Searched = tuple[dict[str, np.ndarray], np.ndarray]
Objective = Callable[[Positions], np.ndarray]


def bayes(knobs: Mapping[str, Knob], observe: Objective, n: int, random: np.random.Generator) -> Searched:
    """Search by a Gaussian process and its expected improvement over random candidates (Jones et al. 1998)."""
    x = {name: knob.draw(random, n) for name, knob in knobs.items()}
    y = np.empty(n)
    for at in range(n):
        if at >= STARTED_AT_RANDOM:
            candidates = {name: knob.draw(random, 300) for name, knob in knobs.items()}
            best = int(np.argmax(_improvement(_columns(knobs, x, at), y[:at], _columns(knobs, candidates, 300))))
            for name in knobs:
                x[name][at] = candidates[name][best]
        y[at] = observe({name: one[at : at + 1] for name, one in x.items()})[0]
    return x, y


def tpe(knobs: Mapping[str, Knob], observe: Objective, n: int, random: np.random.Generator) -> Searched:
    """Search by tree-structured Parzen estimators, each parameter by itself (Bergstra et al. 2011)."""
    x = {name: knob.draw(random, n) for name, knob in knobs.items()}
    y = np.empty(n)
    for at in range(n):
        if at >= STARTED_AT_RANDOM:
            order = np.argsort(-y[:at])
            good = max(1, min(25, round(0.1 * at)))
            for name, knob in knobs.items():
                seen = x[name][:at]
                x[name][at] = _of_parzen(knob, seen[order[:good]], seen[order[good:]], random)
        y[at] = observe({name: one[at : at + 1] for name, one in x.items()})[0]
    return x, y


def _columns(knobs: Mapping[str, Knob], x: Positions, n: int) -> np.ndarray:
    out = []
    for name, knob in knobs.items():
        one = x[name][:n]
        if knob.scale == "names":
            levels = np.linspace(0, 1, len(knob.levels or ()))
            out += [np.isclose(one, level) * 0.7 for level in levels]
        else:
            out.append(one)
    return np.column_stack(out).astype(float)


def _improvement(known: np.ndarray, y: np.ndarray, asked: np.ndarray, length: float = 0.5) -> np.ndarray:
    centred = (y - y.mean()) / max(float(y.std()), 1e-9)

    def alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-0.5 * ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2) / length**2)

    root = linalg.cho_factor(alike(known, known) + 0.4 * np.eye(len(y)), lower=True)
    cross = alike(asked, known)
    mean = cross @ linalg.cho_solve(root, centred)
    sd = np.sqrt(np.maximum(1 - np.einsum("ij,ji->i", cross, linalg.cho_solve(root, cross.T)), 1e-9))
    z = (mean - float((alike(known, known) @ linalg.cho_solve(root, centred)).max())) / sd
    return sd * (z * special.ndtr(z) + np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))


def _of_parzen(knob: Knob, good: np.ndarray, bad: np.ndarray, random: np.random.Generator, tried: int = 24) -> float:
    if knob.levels is not None:
        places = np.linspace(0, 1, len(knob.levels))
        chances = [np.isclose(side[:, None], places).sum(axis=0) + 1.0 for side in (good, bad)]
        weights = chances[0] / chances[0].sum()
        drawn = random.choice(len(places), tried, p=weights)
        return float(places[drawn[int(np.argmax((weights / (chances[1] / chances[1].sum()))[drawn]))]])
    width = [max(0.06, 0.5 * len(side) ** -0.4) for side in (good, bad)]
    at_random = random.random(tried)
    near = np.clip(random.choice(good, tried) + width[0] * random.standard_normal(tried), 0, 1)
    drawn_at = np.where(random.random(tried) < 1 / (len(good) + 1), at_random, near)

    def density(side: np.ndarray, w: float) -> np.ndarray:
        heights = np.exp(-0.5 * ((drawn_at[:, None] - side) / w) ** 2) / (w * np.sqrt(2 * np.pi))
        return (heights.sum(axis=1) + 1.0) / (len(side) + 1)

    ratio = density(good, width[0]) / density(bad, width[1])
    return float(knob.snap(np.array([drawn_at[int(np.argmax(ratio))]]))[0])
