"""Config keys that no one could choose: what a run was evaluated on (`task`), or which of its repeats it is (`run`)."""

from __future__ import annotations

import pandas as pd

from lib.model.metric_names import words_of

_NAMES = frozenset(("task", "subset", "phase", "split", "slice", "partition"))
_REPEATS = frozenset(("run", "trial", "rep", "try", "attempt"))
_ABOUT = frozenset(("eval", "evaluation", "data", "test", "name"))
_FEWEST_CONFIGURATIONS, _MOST_SLICES = 3, 50


def is_a_slice(config: pd.DataFrame, name: str) -> bool:
    """Whether a column names what runs were evaluated on (`task`, `eval_subset`), or numbers their repeats (`run`).

    Each configuration of all other columns must have each of its values once. config : the config of all runs.
    """
    words = words_of(name)
    named = bool(_NAMES.intersection(words)) and _NAMES.union(_ABOUT).issuperset(words)
    if not named and not (len(words) == 1 and words[0] in _REPEATS and _counts_on(config[name])):
        return False
    slices = config[name].nunique()
    if config[name].isna().any() or not 2 <= slices <= _MOST_SLICES or len(config) < _FEWEST_CONFIGURATIONS * slices:
        return False
    others = [other for other in config.columns if other != name and config[other].nunique(dropna=False) > 1]
    if not others:
        return False
    which = config[others].astype(str).groupby(others, sort=False).ngroup()
    pairs = pd.DataFrame({"configuration": which, "slice": config[name]})
    each_once = not pairs.duplicated().any() and len(pairs) == slices * which.nunique()
    return bool(each_once and which.nunique() >= _FEWEST_CONFIGURATIONS)


def _counts_on(column: pd.Series) -> bool:
    """Whether whole numbers count from 0 or 1 on."""
    if not pd.api.types.is_integer_dtype(column) or column.isna().any():
        return False
    low, high = int(column.min()), int(column.max())
    return low in (0, 1) and high - low == column.nunique() - 1
