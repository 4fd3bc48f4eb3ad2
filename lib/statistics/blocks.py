"""Effects of blocks (seeds, folds, sweeps), estimated from what was tried in several of them."""

from __future__ import annotations

import numpy as np


def block_effects(values: np.ndarray, groups: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return the effect of each block on values, by least squares beside an effect of each group, shape (blocks,).

    values, groups, blocks : shape (n,); group and block of each value as codes 0, 1, ... Only differences within groups
    count, so a block that was given the better groups isn't taken for a better block (the within estimator, equal to a
    regression on dummy variables: Wooldridge, Introductory Econometrics, ch. 14). Effects of blocks that share groups
    sum to zero over the values compared; a block that shares no group with another has effect 0.
    """
    count = int(blocks.max(initial=-1)) + 1
    cells = np.zeros((int(groups.max(initial=-1)) + 1, count))
    np.add.at(cells, (groups, blocks), 1.0)
    sizes = cells.sum(axis=1)
    used = sizes > 0
    means = np.zeros(len(sizes))
    means[used] = np.bincount(groups, values, len(sizes))[used] / sizes[used]
    within = np.bincount(blocks, values - means[groups], count)
    shares = cells[used] / sizes[used][:, None]
    normal = np.diag(cells.sum(axis=0)) - cells[used].T @ shares
    # The smallest of all solutions: each set of blocks that are compared is centred on its own mean.
    effects: np.ndarray = np.linalg.pinv(normal, rcond=1e-9, hermitian=True) @ within
    return effects
