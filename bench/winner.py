"""Holds what the report says of the winner against planted truth: python bench/winner.py --sweeps 60.

For each shape: the noise over the true one at the best run (median; share within 0.8 to 1.25); the bias of the
expected value and of the raw one, in standard deviations of one run; how often the 95 % interval holds; how often the
set as good as the best holds the true best; its size, and the size that Gupta's rule gives at the true noise.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from lib.analysis.noise import noise  # noqa: E402
from lib.analysis.population import Population  # noqa: E402
from lib.analysis.surrogate import surrogate  # noqa: E402
from lib.analysis.winner import selection_reach, winner  # noqa: E402
from testing.planted import CELLS, Planted  # noqa: E402
from testing.planted_runs import runs_of  # noqa: E402

SHAPES = (
    "line, R2 0.3",
    "peak, R2 0.3",
    "peak, 30 runs",
    "peak, 500 runs",
    "interaction with levels",
    "peak, unequal noise",
    "peak, adaptive",
    "two peaks, unbounded",
    "peak, bounded",
    "line, 20 useless",
)
REPEATED = ("seeds, uneven noise", "seeds, even noise")
DRAWS = 20_000


def planted(name: str, seed: int) -> tuple[Population, np.ndarray, np.ndarray, float]:
    """Return a sweep, each run's true mean and goodness but for noise, and the true noise of its best run."""
    if name in REPEATED:
        return _repeated(name, seed)
    one = Planted(next(cell for cell in CELLS if cell.name == name), seed)
    population = one.population()
    sign = population.objective.sign
    good = one.truth({key: value[population.rows] for key, value in one.x.items()})
    best = int(population.best_first[0])
    random = np.random.default_rng(seed)
    again = {key: np.repeat(value[population.rows][best], DRAWS) for key, value in one.x.items()}
    outcomes = one.observe(again, random)
    truth = sign * one.in_units(good)
    truth[best] = sign * outcomes.mean()
    return population, truth, good, float(outcomes.std())


def _repeated(name: str, seed: int) -> tuple[Population, np.ndarray, np.ndarray, float]:
    """Forty configurations, a quarter of them run with five seeds; where noise is uneven, the good ones vary least."""
    random = np.random.default_rng([seed, len(name)])
    x, z = random.random((2, 40))
    good = -3 * (x - 0.5) ** 2 + 0.05 * random.standard_normal(40)
    sd = np.full(40, 0.1) if name == "seeds, even noise" else 0.03 + 0.25 * (good.max() - good)
    times = np.where(np.arange(40) % 4 == 0, 5, 1)
    times[np.argmax(good)] = 5
    of = np.repeat(np.arange(40), times)
    y = good[of] + sd[of] * random.standard_normal(len(of))
    table = pd.DataFrame({"x": x[of], "z": z[of], "seed": np.arange(len(of))})
    population = runs_of(table, y)
    order = np.array([int(run[1:]) for run in population.runs["run_id"]])
    truth = good[of][order]
    return population, truth, truth, float(sd[of][order][population.best_first[0]])


def judged(name: str, seed: int) -> dict[str, float]:
    """Hold one sweep's answers against the truth."""
    population, truth, good, sd = planted(name, seed)
    found = noise(population, surrogate(population))
    won = winner(population, found)
    assert found is not None
    assert won is not None
    sign, best = population.objective.sign, int(population.best_first[0])
    ends = sorted((sign * (won.low or 0.0), sign * (won.high or 0.0)))
    values = sign * population.values
    true_best = np.flatnonzero(good >= good.max() - 1e-12)
    own = np.isclose(good, good[best], rtol=0, atol=1e-12)
    return {
        "noise": found.sd / sd,
        "bias": (sign * (won.expected or np.nan) - truth[best]) / sd,
        "raw": (values[best] - truth[best]) / sd,
        "held": ends[0] <= truth[best] <= ends[1],
        "best_held": bool(np.isin(true_best, won.tied).any() or own[true_best].any()),
        "size": len(won.tied),
        "known": int(np.sum(values >= values[best] - selection_reach(len(values)) * sd)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sweeps", type=int, default=60)
    parser.add_argument("--only", default="", help="shapes whose name holds this")
    options = parser.parse_args()
    print(f"{'shape':26s} noise (0.8-1.25)   bias    raw  95% held  best held  size  Gupta at true noise")
    for name in (*SHAPES, *REPEATED):
        if options.only in name:
            t = pd.DataFrame([judged(name, seed) for seed in range(options.sweeps)])
            within = float(t["noise"].between(0.8, 1.25).mean())
            middle, mean = t.median(), t.mean()
            print(
                f"{name:26s} {middle['noise']:5.2f} {within:10.0%} {mean['bias']:+7.2f} {mean['raw']:+6.2f} "
                f"{mean['held']:9.0%} {mean['best_held']:10.0%} {middle['size']:5.0f} {middle['known']:6.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
