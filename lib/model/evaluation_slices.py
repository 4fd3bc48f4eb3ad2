"""Config keys that name what each run was evaluated on (`task`, `subset`), and are no setting that one could choose."""

from __future__ import annotations

import pandas as pd

from lib.model.metric_names import words_of

_NAMES = frozenset(("task", "subset", "phase", "split", "slice", "partition"))
_ABOUT = frozenset(("eval", "evaluation", "data", "test", "name"))
_FEWEST_CONFIGURATIONS, _MOST_SLICES = 3, 50


def is_a_slice(config: pd.DataFrame, name: str) -> bool:
    """Whether a column names what runs were evaluated on: `task`, `eval_subset`.

    Each configuration of all other columns must have each of its values once. config : the config of all runs.
    """
    words = words_of(name)
    if not words or not _NAMES.intersection(words) or not _NAMES.union(_ABOUT).issuperset(words):
        return False
    slices = config[name].nunique()
    if config[name].isna().any() or not 2 <= slices <= _MOST_SLICES or len(config) < _FEWEST_CONFIGURATIONS * slices:
        return False
    others = [other for other in config.columns if other != name and config[other].nunique(dropna=False) > 1]
    if not others:
        return False
    which = config.groupby(others, dropna=False, sort=False).ngroup()
    pairs = pd.DataFrame({"configuration": which, "slice": config[name]})
    each_once = not pairs.duplicated().any() and len(pairs) == slices * which.nunique()
    return bool(each_once and which.nunique() >= _FEWEST_CONFIGURATIONS)
