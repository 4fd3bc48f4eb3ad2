"""Which metric a sweep was most likely run for, where nothing declares it: by what the names say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lib.model.metric_names import NO_RESULT, NameReading, read_name
from lib.model.sweep import NO_STATE, Sweep

# In what order the columns are considered that could be the objective: held-out results first, costs last.
_KNOWN = {"validation": 0, "test": 0, "": 1, "train": 3}
_UNKNOWN = {"validation": 2, "test": 2, "": 4, "train": 8}
_LATER = {"component": 5, "spread": 6, "cost": 7}
_LAST = 9
_SPLITS = {"validation": 0, "test": 1, "": 2, "train": 3}
RESULT_ROLES = {"result": 0, "change": 0, "partial": 1, "criterion": 2}
"""The roles of names that read as a result, whole ones first."""
# What sums up others comes before them.
_WHOLE = frozenset(("composite", "overall", "combined", "aggregate", "aggregated"))
# The mean over thresholds from 0.5 to 0.95, by which COCO ranks detectors: mAP50-95, mAP@0.5:0.95.
_THRESHOLDS = re.compile(r"0?\.?50?\s*[-:_]\s*0?\.?95(?!\d)")
_SCORES = ("result", "change", "partial")
# A column that is called so alone sums up those beside it.
_HIGHEST = frozenset(("max", "min", "maximum", "minimum"))
_AVERAGES = frozenset((("average",), ("avg",), ("mean",), ("macro",), ("overall",)))
# Accuracy at the first guess is what models are selected by, and that at five is reported beside it.
_AT_K, _FIRST = frozenset(("acc", "accuracy", "top", "precision")), "1"


def ranked_metrics(sweep: Sweep, numeric: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Return the metrics that could be the objective, likeliest first, each with what placed it there.

    Derived columns and runtimes are none.

    Held-out results come before losses, and validation before test; then what people select by before what they report
    beside it (`metric_names.toml`), and a measure before the same one of a single class or data set. Where all of that
    is equal, the first in the table is taken: those who write tables put what matters first.
    """
    made = {*(d.name for d in sweep.derived), sweep.runtime_metric}
    readings = {name: read_name(name) for name in numeric if name not in made}
    readings = {name: reading for name, reading in readings.items() if reading.role not in NO_RESULT}
    if not readings:
        return {}
    finished = sweep.runs["state"].isin(("finished", NO_STATE)).to_numpy()
    rows = finished if finished.any() else np.ones(len(sweep), dtype=bool)
    values = {name: sweep.metrics[name][rows].dropna() for name in readings}
    known = {name: len(column) for name, column in values.items()}
    varies = {name: column.nunique() > 1 for name, column in values.items()}
    # Training watches its loss as a matter of course: a best loss that was kept says less than a best score.
    kept_best = {reading.measure for reading in readings.values() if reading.best and reading.role in _SCORES}
    later_guesses = _later_guesses(readings)
    numbered = _numbered(readings)
    most = max(known.values())
    held_out = any(reading.held_out and not reading.split for reading in readings.values())

    def rank(name: str) -> tuple[Any, ...]:
        reading = readings[name]
        return (
            2 * known[name] < most,
            not varies[name],
            reading.early,
            not (reading.measure in kept_best and reading.role in _SCORES),
            _LAST if name in numbered else _group(reading, held_out),
            # What may be wished for or not, as sparsity, is seldom what runs are ranked by.
            reading.role == "result" and reading.goal is None and not reading.vague,
            not _sums_up(name, reading),
            _SPLITS[reading.split],
            RESULT_ROLES.get(reading.role, 0),
            reading.beside or name in later_guesses,
            # A mean before the highest and the lowest of the same values.
            not _HIGHEST.isdisjoint(reading.words),
            reading.unplaced,
            # Of the last value and the best one, the last is what the run ended with.
            reading.best,
            # A tenth of the runs, so that a few gaps don't decide.
            10 * known[name] < 9 * most,
        )

    ranks = {name: rank(name) for name in readings}
    # Of equal ones the first in the table is first.
    return dict(sorted(ranks.items(), key=lambda pair: pair[1]))


def _later_guesses(readings: Mapping[str, NameReading]) -> set[str]:
    """Return the accuracies at several guesses (Acc@5) that stand beside the one at the first (Acc@1)."""
    at_k = {
        name: reading.words
        for name, reading in readings.items()
        if len(reading.words) > 1 and reading.words[-1].isdigit() and reading.words[-2] in _AT_K
    }
    firsts = {words[:-1] for words in at_k.values() if words[-1] == _FIRST}
    return {name for name, words in at_k.items() if words[-1] != _FIRST and words[:-1] in firsts}


def _numbered(readings: Mapping[str, NameReading]) -> set[str]:
    """Return the names that say nothing but which of several it is: worker_1, worker_2."""
    stems: dict[tuple[str, ...], list[str]] = {}
    for name, reading in readings.items():
        if reading.role == "unknown" and len(reading.words) > 1 and reading.words[-1].isdigit():
            stems.setdefault(reading.words[:-1], []).append(name)
    return {name for names in stems.values() if len(names) > 1 for name in names}


def _sums_up(name: str, reading: NameReading) -> bool:
    """Whether a name says that it sums up the results beside it."""
    whole = not _WHOLE.isdisjoint(reading.words) or reading.words in _AVERAGES
    return whole or _THRESHOLDS.search(name) is not None


def _group(reading: NameReading, held_out: bool) -> float:
    """Return the group of a result; held_out : whether a result is there that is never one of training data."""
    if reading.role == "unknown" and reading.words in _AVERAGES:
        return _KNOWN[reading.split]
    if reading.role in _LATER:
        return _LATER[reading.role]
    if held_out and reading.split != "train" and (reading.role == "criterion" or reading.beside):
        # Beside a BLEU or a WER, which need no "val" in their names, a val_loss is no better known to be held out.
        return _KNOWN[""] + 0.5
    return (_UNKNOWN if reading.role == "unknown" else _KNOWN)[reading.split]
