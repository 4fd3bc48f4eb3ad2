"""A scale on which noise is even: as measured, by ratio (log), or as odds (logit)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class Warp:
    """A rising function of the objective. `name` is "linear", "log" or "logit"; `top` the upper bound of a logit.

    `floor` is the least distance from a bound that values are held to, so that 0 and the top have odds too.
    """

    name: str
    top: float = 1.0
    floor: float = 0.0

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return values on the scale."""
        if self.name == "linear":
            return values
        if self.name == "log":
            return np.log(values)
        shares = np.clip(values / self.top, self.floor, 1 - self.floor)
        return np.log(shares) - np.log1p(-shares)

    def back(self, scaled: np.ndarray) -> np.ndarray:
        """Return the values at places on the scale."""
        if self.name == "linear":
            return scaled
        if self.name == "log":
            return np.exp(np.clip(scaled, -700, 700))
        return self.top / (1 + np.exp(-np.clip(scaled, -700, 700)))

    def log_slope(self, values: np.ndarray) -> float:
        """Return the sum of the logarithms of the slope: what makes likelihoods on two scales comparable."""
        if self.name == "linear":
            return 0.0
        if self.name == "log":
            return -float(np.sum(np.log(values)))
        shares = np.clip(values / self.top, self.floor, 1 - self.floor)
        return -float(np.sum(np.log(shares) + np.log1p(-shares) + np.log(self.top)))

    def mean_and_sd(self, middle: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of values that are normal on the scale (Gauss-Hermite, 9 nodes)."""
        at = self.back(np.asarray(middle)[..., None] + np.asarray(sd)[..., None] * _NODES)
        mean = at @ _WEIGHTS
        return mean, np.sqrt(np.maximum((at - mean[..., None]) ** 2 @ _WEIGHTS, 0.0))


LINEAR = Warp("linear")


def candidates(values: np.ndarray) -> tuple[Warp, ...]:
    """Return the scales that the values can be put on: linear; log above 0; logit within 0..1 or 0..100.

    Below half the top a logit hardly differs from a log.
    """
    found = [LINEAR]
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low < 1e12 and high < 1e100:
        found.append(Warp("log"))
    top = 1.0 if high <= 1 else 100.0
    if low >= 0 and top / 2 < high <= top:
        inside = np.minimum(values, top - values) / top
        found.append(Warp("logit", top, 0.5 * float(min(inside[inside > 0].min(initial=0.5), 1 / len(values)))))
    return tuple(found)


def within_bounds(middle: float, away: np.ndarray, values: np.ndarray, sign: int) -> np.ndarray:
    """Return what lies `away` from a middle, without passing the end where no value can be better.

    Near the middle they are its sums; the better ones (a `sign` of 1: larger) come the slower to 0, 1 or 100 the nearer
    they are, as they do on the scale of `candidates` that ends there. middle, away and values, shape (n,), in the
    objective's units; `values` say which ends there are: none above 0 for what is maximized, and none beyond them.
    """
    plain = middle + away
    warp = candidates(values)[-1]
    top = math.inf if warp.name == "log" else warp.top
    if warp.name == "linear" or (warp.name == "log" and sign > 0) or not 0 < middle < top:
        return plain
    slope = math.exp(warp.log_slope(np.array([middle])))
    return np.where(sign * away > 0, warp.back(warp(np.array([middle])) + slope * away), plain)


def likeliest(values: np.ndarray, fitted: Callable[[Warp], float], gain: float = 3.0) -> Warp:
    """Return the scale on which a model fits the values best, the linear one unless another gains by `gain` nats.

    fitted : the model's log likelihood on a scale. Likelihoods are compared after a change of variables, as Box and Cox
    do (1964, Journal of the Royal Statistical Society B 26, 211-252) and Gaussian processes on warped outputs do
    (Snelson, Rasmussen & Ghahramani 2004, NIPS 16).
    """
    best, height = LINEAR, fitted(LINEAR) + gain
    for warp in candidates(values)[1:]:
        reached = fitted(warp) + warp.log_slope(values)
        if reached > height:
            best, height = warp, reached
    return best
