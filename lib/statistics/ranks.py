"""Ranks turned into scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Return the normal scores of the ranks (van der Waerden's), ties at their mean rank; shape (n,) as given."""
    scores: np.ndarray = special.ndtri(pd.Series(values).rank().to_numpy() / (len(values) + 1))
    return scores
