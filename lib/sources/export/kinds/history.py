"""Logged steps: the history of one run (`run.history()`, a Keras CSVLogger, Lightning's metrics.csv) or of several."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from lib.model.errors import InputError
from lib.sources.export.kinds.shape import (
    RUNS_TABLE,
    Kind,
    Look,
    Shape,
    is_clock,
    is_counter,
    may_be_result,
    reading_of,
    reads_as_result,
)

_FEWEST_STEPS = 3
# Rows of one run among several that were written below one another.
_ROWS_A_RUN = 3.0
# These number runs in a table of runs as well: only where each has steps from the first on are they histories.
_REPEATS = ("seed", "fold", "trial_number", "run_number")
_EPOCHS = ("epoch", "step", "_step", "global_step", "trainer/global_step", "train/global_step", "train/epoch")
_RUN_NAMES = ("run", "run_id", "run_name", "name", "id", "trial_id", "run id", "run name", "trial", "experiment")
# What a schedule moves from step to step, and is logged beside the results.
_SCHEDULED = ("learningrate", "lr", "momentum", "beta1", "weightdecay", "epsilon", "temperature", "teacherforcing")


def _read(look: Look) -> Shape | None:
    rows = len(look.table)
    if rows >= _FEWEST_STEPS and not look.chosen & set(look.names) and _of_training_and_test(look):
        raise InputError(
            f"{look.label} holds results alone (its {rows:,} rows read as steps of one run, or as samples), without "
            f"hyperparameters or names of runs. {RUNS_TABLE}"
        )
    counters = [at for at, name in enumerate(look.names) if is_counter(name)]
    if rows < _FEWEST_STEPS or not counters or look.chosen & set(look.names):
        return None
    runs = _runs_of_several(look, counters)
    if runs is not None:
        raise InputError(
            f"{look.label} is the history of {runs:,} runs (its {rows:,} rows are logged steps, several a run), "
            f"not a table with one row a run. {RUNS_TABLE}"
        )
    if look.names_runs() and not _one_run(look):
        return None
    if any(_counts_on(look, at) for at in counters) and _holds_results_alone(look, counters):
        raise InputError(
            f"{look.label} is the history of one run (its {rows:,} rows are logged steps), not a table of runs. "
            f"{RUNS_TABLE}"
        )
    return None


def _of_training_and_test(look: Look) -> bool:
    """Whether all columns are results, of training and of held-out data both, beside a number of the row at most."""
    ranks = look.rank_columns()
    held = [at for at in range(len(look.names)) if at not in ranks]
    if len(held) < 2 or not all(reads_as_result(look.names[at]) and look.numbers(at) is not None for at in held):
        return False
    splits = {reading_of(look.names[at]).split for at in held}
    return "train" in splits and bool(splits & {"validation", "test"})


def _one_run(look: Look) -> bool:
    """Whether every column that names runs says the same in all rows."""
    named = [at for at, name in enumerate(look.lowered) if name in _RUN_NAMES]
    return bool(named) and all(pc.count_distinct(look.table.columns[at]).as_py() == 1 for at in named)


def _runs_of_several(look: Look, counters: list[int]) -> int | None:
    for at, name in enumerate(look.lowered):
        if name not in _RUN_NAMES + _REPEATS:
            continue
        runs = look.table.columns[at].dictionary_encode()
        distinct = len(runs.dictionary)
        if distinct < 2 or len(look.table) < _ROWS_A_RUN * distinct:
            continue
        codes = runs.indices.to_numpy(zero_copy_only=False)
        for counter in counters:
            values = look.numbers(counter)
            if values is None or (name in _REPEATS and not _from_the_first_on(values)):
                continue
            pairs = len(np.unique(np.column_stack([codes, np.nan_to_num(values, nan=-1.0)]), axis=0))
            if pairs > 0.9 * len(values):
                return distinct
    return next((runs for at in counters if (runs := _runs_by_settings(look, at)) is not None), None)


def _runs_by_settings(look: Look, counter: int) -> int | None:
    """Return how many runs the settings of the rows part, where each run has epochs or steps from the first on."""
    values = look.numbers(counter)
    if look.lowered[counter] not in _EPOCHS or values is None or not np.isfinite(values).all():
        return None
    if not _from_the_first_on(values):
        return None
    # A rate that a schedule moves is logged at each step; one that was set is another setting.
    for scheduled in (False, True):
        names = enumerate(look.names)
        parted = [at for at, name in names if at != counter and _may_part(look, at, name, scheduled=scheduled)]
        if parted and (runs := _runs_parted_by(look, parted, values)) is not None:
            return runs
    return None


def _runs_parted_by(look: Look, parted: list[int], values: np.ndarray) -> int | None:
    """Return how many runs these columns part, where the steps of each are whole; None where they aren't."""
    codes = [look.table.columns[at].dictionary_encode().indices.to_numpy(zero_copy_only=False) for at in parted]
    _, of_run = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    rows = np.bincount(of_run.ravel())
    highest = np.zeros(len(rows))
    np.maximum.at(highest, of_run.ravel(), values - values.min() + 1)
    pairs = np.unique(np.column_stack([of_run.ravel(), values]), axis=0)
    whole = len(pairs) == len(values) and bool((highest == rows).all())
    return len(rows) if whole and len(rows) > 1 and rows.min() >= _FEWEST_STEPS else None


def _may_part(look: Look, at: int, name: str, *, scheduled: bool) -> bool:
    """Whether a column may say which run a row is of: no result, no clock, and the same in several rows."""
    if reads_as_result(name) or is_clock(name) or is_counter(name) or (_scheduled(name) and not scheduled):
        return False
    return _ROWS_A_RUN * pc.count_distinct(look.table.columns[at]).as_py() <= len(look.table)


def _from_the_first_on(values: np.ndarray) -> bool:
    """Whether steps are 0, 1, 2, … or 1, 2, 3, …, at least five of them."""
    steps = np.unique(values[np.isfinite(values)])
    return len(steps) >= 5 and steps[0] in (0, 1) and bool((np.diff(steps) == 1).all())


def _counts_on(look: Look, at: int) -> bool:
    """Whether a column counts steps: whole numbers that start low or rise evenly, few of them more than twice."""
    values = look.numbers(at)
    if values is None:
        return False
    known = np.sort(values[np.isfinite(values)])
    steps = np.unique(known)
    if len(steps) < _FEWEST_STEPS or 2 * len(steps) < len(known) or (known < 0).any():
        return False
    gaps = np.diff(steps)
    even = bool(np.median(np.abs(gaps - np.median(gaps))) <= 0.01 * np.median(gaps))
    return even and (steps[0] <= 2 * np.median(gaps) or len(steps) >= 10)


def _holds_results_alone(look: Look, counters: list[int]) -> bool:
    """Whether no column is a setting that differs from row to row, as it would between runs."""
    results = 0
    skipped = {*counters, *look.rank_columns()}
    for at, name in enumerate(look.names):
        cells = look.table.columns[at]
        filled = cells.filter(pc.not_equal(cells, ""))
        if at in skipped or len(filled) == 0 or is_clock(name):
            continue
        if look.numbers(at) is None:
            # Text that differs from row to row, but for dates and media, is no part of a history.
            if pc.count_distinct(filled).as_py() > 1 and not pc.all(pc.match_substring(filled, '"_type"')).as_py():
                return False
            continue
        if reads_as_result(name) or reading_of(name).role in ("diagnostic", "clock", "counter"):
            results += reads_as_result(name)
        elif may_be_result(name) or _scheduled(name):
            results += may_be_result(name)
        elif pc.count_distinct(filled).as_py() > 1:
            return False
    return results > 0


def _scheduled(name: str) -> bool:
    joined = "".join(reading_of(name).words)
    return any(word in joined for word in _SCHEDULED) or "lr" in reading_of(name).words


HISTORY = Kind("history", _read)
