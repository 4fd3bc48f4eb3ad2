"""The tables behind the charts of the section on the impact of hyperparameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.levels import text_of_level
from lib.sections.run_tables import one_type

if TYPE_CHECKING:
    from lib.analysis.groups import DiscreteImpact
    from lib.analysis.surrogate import PartialDependence
    from lib.analysis.trend import ContinuousImpact


def levels_table(impact: DiscreteImpact) -> pd.DataFrame:
    """One row a level: count, mean, 95% interval, std, median, max, min."""
    table = pd.DataFrame(
        [
            {
                impact.parameter: g.value,
                "count": g.count,
                "mean": g.mean,
                "95% from": g.ci_low,
                "95% to": g.ci_high,
                "std": g.std,
                "median": g.median,
                "max": g.max,
                "min": g.min,
            }
            for g in impact.groups
        ]
    )
    return one_type(table, impact.parameter)


def pairs_table(impact: DiscreteImpact) -> pd.DataFrame:
    """One row a pair of levels: Mann-Whitney U, p, and p after Holm."""
    return pd.DataFrame(
        [
            {
                "level": text_of_level(p.first),
                "against": text_of_level(p.second),
                "Mann-Whitney U": p.statistic,
                "p": p.p_value,
                "adjusted p": p.p_adjusted,
            }
            for p in impact.pairs
        ]
    )


def bins_table(impact: ContinuousImpact) -> pd.DataFrame:
    """One row a bin of the trend: range of the parameter, count, mean, 95% interval."""
    return pd.DataFrame(
        [
            {
                f"{impact.parameter} from": b.x_low,
                "to": b.x_high,
                "count": b.count,
                "mean": b.mean,
                "95% from": b.ci_low,
                "95% to": b.ci_high,
            }
            for b in impact.trend
        ]
    )


def dependence_table(dependence: PartialDependence) -> pd.DataFrame:
    """One row a place along the parameter: the surrogate's mean prediction and its 95% band."""
    table = pd.DataFrame(
        {
            dependence.parameter: list(dependence.x),
            "predicted mean": dependence.mean,
            "95% from": dependence.low,
            "95% to": dependence.high,
        }
    )
    return one_type(table, dependence.parameter)
