"""The tables behind the charts of learning curves, and the words that they share with the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from lib.analysis.early_stopping import RankCurve
    from lib.analysis.learning_curves import Curves, Gap, LearningCurves
    from lib.results.report import Report

_AXES = {"_step": "step", "_runtime": "second"}


def axis_word(axis: str) -> str:
    """Return the word for one place along an axis: "epoch", "step", "second"."""
    return _AXES.get(axis, axis)


def stopped_table(report: Report, learned: LearningCurves) -> pd.DataFrame:
    """One row a run that ended before the common length: name, state, where, used or left out; the earliest first."""
    runs = report.sweep.runs.iloc[learned.stopped]
    word = axis_word(learned.curves.steps.axis)
    table = pd.DataFrame(
        {
            "run": runs["name"],
            "state": runs["state"],
            f"last {word}": learned.last_place[learned.stopped],
            "of": learned.length,
            "used or left out": report.population.fate.iloc[learned.stopped],
        }
    )
    return table.sort_values(f"last {word}", kind="stable").reset_index(drop=True)


def curves_table(report: Report, curves: Curves, top: np.ndarray) -> pd.DataFrame:
    """One row a place: the value of each of some runs there."""
    table = pd.DataFrame({axis_word(curves.steps.axis): curves.steps.places})
    columns, names = {}, report.population.runs["name"].to_numpy()
    for rank, row in enumerate(top, start=1):
        columns[f"{rank}. {names[row]}"] = curves.values[row]
    return pd.concat([table, pd.DataFrame(columns)], axis=1)


def best_places_table(report: Report, learned: LearningCurves, rows: np.ndarray) -> pd.DataFrame:
    """One row a run of `rows` (best first): its objective, its best value and where that was, where the run ended."""
    population, word, top = report.population, axis_word(learned.curves.steps.axis), rows
    ranks = np.empty(len(population.rows), dtype=int)
    ranks[population.best_first] = np.arange(1, len(ranks) + 1)
    return pd.DataFrame(
        {
            "rank": ranks[top],
            "run": population.runs["name"].to_numpy()[top],
            population.objective.label: population.values[top],
            "best logged": learned.best_value[top],
            f"at {word}": learned.best_place[top],
            f"last {word}": learned.last_place[population.rows[top]],
        }
    )


def gap_table(gap: Gap) -> pd.DataFrame:
    """One row a place: the median gap and its quartiles."""
    return pd.DataFrame(
        {
            axis_word(gap.axis): gap.places,
            "median gap": gap.median,
            "lower quartile": gap.low,
            "upper quartile": gap.high,
        }
    )


def ranking_table(ranks: RankCurve, axis: str) -> pd.DataFrame:
    """One row a place: how many runs reached it, and the correlation with the final ranking with its interval."""
    return pd.DataFrame(
        {
            axis_word(axis): ranks.places,
            "runs": ranks.n,
            "Spearman": ranks.coefficient,
            "95% from": ranks.low,
            "95% to": ranks.high,
        }
    )
