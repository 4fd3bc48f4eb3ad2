"""A small sweep with what real ones have: seeds, copies, and runs that collapse."""

import numpy as np

from lib.report import Report
from testing.sweeps import reported, sweep_of


def failing_sweep_report() -> Report:
    """Return the report of 36 configurations in three seeds, of which half the high learning rates collapse."""
    random = np.random.default_rng(0)
    of, seed = np.repeat(np.arange(36), 3), np.tile([1, 2, 3], 36)
    lr = 10 ** random.uniform(-4, -1, 36)[of]
    depth = random.integers(2, 9, 36)[of]
    score = 0.8 + 0.05 * np.log10(lr) + 0.02 * seed + random.normal(0, 0.01, 108)
    score[(lr > 0.02) & (random.random(108) < 0.6)] = 0.1
    # The third seed of the last configuration was run twice.
    config = {"lr": [*lr, lr[-1]], "depth": [*depth, depth[-1]], "seed": [*seed, seed[-1]]}
    columns = {name: np.array(values).tolist() for name, values in config.items()}
    return reported(sweep_of(columns, {"val_accuracy": [*score.tolist(), float(score[-1])]}))
