"""Pearson and Spearman correlations with n, interval, p and adjusted p; and the matrix of parameters and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.groups import CONFIDENCE
from lib.analysis.population import Population
from lib.model.objective_choice import numeric_metrics
from lib.statistics.multiple_testing import benjamini_hochberg

Method = Literal["pearson", "spearman"]
METHODS: tuple[Method, ...] = ("pearson", "spearman")
LEAST_RUNS = 3
MOST_IN_MATRIX = 24


@dataclass(frozen=True, slots=True)
class Correlation:
    """One parameter's correlation with the objective over `n` runs; None where it isn't defined."""

    parameter: str
    method: Method
    n: int
    coefficient: float | None
    p_value: float | None
    p_adjusted: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, eq=False)
class CorrelationMatrix:
    """Coefficients among searched numeric parameters, the objective and the other metrics; NaN where undefined.

    `left_out` counts columns beyond the first MOST_IN_MATRIX.
    """

    method: Method
    names: tuple[str, ...]
    coefficients: np.ndarray
    left_out: int


def correlations(population: Population) -> tuple[Correlation, ...]:
    """Correlate every searched numeric parameter with the objective, Pearson then Spearman, in order of name.

    Over raw values of the used runs that have the parameter as a finite number: `scipy.stats.pearsonr` (interval by its
    `confidence_interval`, Fisher's z) and `scipy.stats.spearmanr` (interval by Fisher's z with the variance of Bonett
    and Wright 2000). Below three runs, or where one side is constant, everything but n is None. p is adjusted by
    Benjamini and Hochberg over all coefficients returned.
    """
    found = [
        _correlation(p.name, method, population.numbers(p.name), population.values)
        for p in population.searched
        if p.numeric
        for method in METHODS
    ]
    tested = {i: p for i, (_, _, _, _, p, _, _) in enumerate(found) if p is not None}
    adjusted = dict(zip(tested, benjamini_hochberg([*tested.values()]), strict=True))
    return tuple(
        Correlation(name, method, n, coefficient, p, adjusted.get(i), low, high)
        for i, (name, method, n, coefficient, p, low, high) in enumerate(found)
    )


def correlation_matrix(population: Population, method: Method) -> CorrelationMatrix:
    """Correlate parameters and metrics with each other, pairwise over the runs that have both (pandas `corr`)."""
    parameters = [p.name for p in population.searched if p.numeric and p.name in population.config.columns]
    objective = population.objective.metric
    metrics = [m for m in numeric_metrics(population.sweep) if m != objective and not m.startswith("_")]
    columns: dict[str, np.ndarray] = {}
    for name in parameters:
        columns[name] = population.numbers(name)
    columns[objective if objective not in columns else f"{objective} (metric)"] = population.values
    for name in metrics:
        values = population.metric(name).to_numpy(dtype=float, na_value=np.nan)
        values = np.where(np.isfinite(values), values, np.nan)
        if np.unique(values[~np.isnan(values)]).size > 1:
            columns[name if name not in columns else f"{name} (metric)"] = values
    kept = list(columns)[:MOST_IN_MATRIX]
    frame = pd.DataFrame({name: columns[name] for name in kept})
    if method == "spearman" and not frame.isna().to_numpy().any():
        coefficients = frame.rank().corr()
    else:
        coefficients = frame.corr(method=method, min_periods=LEAST_RUNS)
    return CorrelationMatrix(method, tuple(kept), coefficients.to_numpy(), len(columns) - len(kept))


def spearman_interval(coefficient: float, n: int, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Interval of a Spearman coefficient by Fisher's z with Bonett and Wright's variance; None below four runs.

    Source: Bonett and Wright (2000), Psychometrika 65, 23-28, doi:10.1007/BF02294183.
    """
    if n < 4:
        return None
    if abs(coefficient) >= 1:
        return coefficient, coefficient
    error = np.sqrt((1 + coefficient**2 / 2) / (n - 3))
    reach = stats.norm.ppf((1 + confidence) / 2) * error
    centre = np.arctanh(coefficient)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def _correlation(
    name: str, method: Method, x: np.ndarray, y: np.ndarray
) -> tuple[str, Method, int, float | None, float | None, float | None, float | None]:
    known = ~np.isnan(x)
    x, y = x[known], y[known]
    n = len(x)
    if n < LEAST_RUNS or np.all(x == x[0]) or np.all(y == y[0]):
        return name, method, n, None, None, None, None
    low: float | None = None
    high: float | None = None
    if method == "pearson":
        result = stats.pearsonr(_unit(x), _unit(y))
        coefficient, p_value = float(result.statistic), float(result.pvalue)
        if n > 3:
            interval = result.confidence_interval(CONFIDENCE)
            low, high = float(interval.low), float(interval.high)
    else:
        ranked = stats.spearmanr(x, y)
        coefficient, p_value = float(ranked.statistic), float(ranked.pvalue)
        bounds = spearman_interval(coefficient, n)
        if bounds is not None:
            low, high = bounds
    if not np.isfinite(coefficient):
        return name, method, n, None, None, None, None
    return name, method, n, coefficient, p_value, low, high


def _unit(values: np.ndarray) -> np.ndarray:
    """Bring values near 1e300 or 1e-300 to unit size, which changes no correlation; others stay as they are."""
    size = np.max(np.abs(values))
    return values / size if size > 1e100 or 0 < size < 1e-100 else values
