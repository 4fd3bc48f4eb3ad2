"""Finds the runs of a table that have results and no settings: the baselines that people put beside their runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib.model.columns import Column
from lib.model.numbers import count

_MOST_NAMED = 4


def baseline_sentence(
    config: Mapping[str, Column], summary: Mapping[str, Column], names: Sequence[str], counted: np.ndarray
) -> str | None:
    """Say which runs have no value of any config key that varies, and results all the same; None where there are none.

    One key alone doesn't make a baseline: a blank in it may be a level ("no noise"). Text that differs in each run is a
    name and no setting. counted : which runs may be one, boolean, shape (runs,); no parent of other runs is.
    """
    varies = [column.values for column in config.values() if _is_a_setting(column)]
    if len(varies) < 2 or not summary:
        return None
    bare = np.logical_and.reduce([values.isna().to_numpy() for values in varies])
    bare &= counted & np.logical_or.reduce([column.values.notna().to_numpy() for column in summary.values()])
    if not bare.any() or 2 * bare.sum() > len(bare):
        return None
    found = sorted(np.asarray(names, dtype=object)[bare])
    listed = ", ".join(map(str, found[:_MOST_NAMED]))
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    verb, they = ("has", "it is") if len(found) == 1 else ("have", "they are")
    return (
        f"{count(len(found), 'run')} {verb} results but no settings ({listed}{more}): {they} taken to be baselines, "
        "and comparisons of hyperparameters leave them out."
    )


def _is_a_setting(column: Column) -> bool:
    known = column.values.dropna()
    distinct = known.nunique()
    return bool(distinct > 1 and not (column.type == "text" and distinct == len(known)))
