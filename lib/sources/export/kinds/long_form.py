"""A table in long form: one row a parameter or result of a run, named in one column with its value in another.

Settings may stand in columns of their own, and only the results one below the other (tidymodels: `.metric`, `mean`).
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.sources.export.column_parts import Part, Verdict
from lib.sources.export.evidence_of_names import weight_of_name
from lib.sources.export.kinds.shape import (
    RUNS_TABLE,
    Kind,
    Look,
    Shape,
    is_clock,
    is_counter,
    reading_of,
    reads_as_result,
)
from lib.sources.export.text_table import MOST_COLUMNS

_OF_RESULTS = frozenset(("metric", ".metric", "metric_name", "metrics", "measure", "score_name", "key", "variable"))
_KEYS = _OF_RESULTS | frozenset((
    "parameter", "param", "parameter_name", "param_name", "parameter name", "field", "hyperparameter", "name", "tag",
    "item", "quantity", "setting", "option", "attribute",
))  # fmt: skip
_VALUES = frozenset((
    "value", "val", "values", "param_value", "metric_value", "parameter value", "mean", ".estimate", "estimate",
    "score", "result",
))  # fmt: skip
_SIDES: dict[str, Part] = {
    **dict.fromkeys(("param", "params", "parameter", "hyperparameter", "hparam"), "config"),
    **dict.fromkeys(("config", "setting", "input"), "config"),
    **dict.fromkeys(("metric", "metrics", "result", "results", "summary", "output", "score", "measure"), "summary"),
}


def _read(look: Look) -> Shape | None:
    values = [at for at, name in enumerate(look.lowered) if name in _VALUES]
    keys = [at for at, name in enumerate(look.lowered) if name in _KEYS and look.numbers(at) is None]
    if len(values) != 1 or look.chosen & set(look.names):
        return None
    for key in keys:
        named = look.table.columns[key].dictionary_encode()
        others = [at for at in range(len(look.names)) if at not in (key, *values)]
        kind = next((at for at in others if _is_kind(look, at)), None)
        names = named.dictionary.to_pylist()
        if "" in names:
            continue
        if look.lowered[key] in _OF_RESULTS and all(reads_as_result(name) for name in names):
            if (shape := _results_below(look, key, values[0], others)) is not None:
                return shape
            continue
        if not _holds_both(names, kind is not None):
            continue
        if len(named.dictionary) == len(look.table) and all(_constant(look, at) for at in others if at != kind):
            raise InputError(
                f"{look.label} holds the settings and results of one run, a row each, not a table of runs. {RUNS_TABLE}"
            )
        clocks = {at for at in others if is_counter(look.names[at]) or is_clock(look.names[at])}
        run = _run_column(look, [at for at in others if at != kind and at not in clocks], named)
        if run is not None:
            return _pivoted(look, key, values[0], run=run, kind=kind)
        if clocks:
            raise InputError(
                f"{look.label} is the history of runs in long form (a row a logged value), not a table with one row a "
                f"run. {RUNS_TABLE}"
            )
    return None


def _results_below(look: Look, key: int, value: int, others: list[int]) -> Shape | None:
    """Read a table whose settings have columns, and whose results are named in one: a run is a row of settings."""
    spreads = {
        at for at in others if reading_of(look.names[at]).role in ("spread", "counter") or at in look.rank_columns()
    }
    settings = [at for at in others if at not in spreads]
    named = look.table.columns[key].dictionary_encode()
    if not settings or len(named.dictionary) < 2 or any(is_counter(look.names[at]) for at in others):
        return None
    cells = [look.table.columns[at].to_pylist() for at in settings]
    runs = [json.dumps(row) for row in zip(*cells, strict=True)]
    pairs = set(zip(runs, look.table.columns[key].to_pylist(), strict=True))
    if len(pairs) < len(runs) or len(runs) < 2 * len(set(runs)) or len(set(runs)) < 2:
        return None
    numbered = {run: f"run {at}" for at, run in enumerate(sorted(set(runs)), start=1)}
    names = (*look.names, "run of these settings")
    column = pa.array([numbered[run] for run in runs], type=pa.large_string())
    wide = replace(look, table=replace(look.table, names=names, columns=(*look.table.columns, column)))
    shape = _pivoted(wide, key, value, run=len(names) - 1, kind=None)
    own = {look.names[at] for at in settings if look.numbers(at) is not None and weight_of_name(look.names[at]) <= 0}
    config = Verdict("config", f"it stands beside {look.names[key]}, which names the results")
    return replace(shape, settled={at: config for at, name in enumerate(shape.table.names) if name in own})


def _holds_both(names: list[str], marked: bool) -> bool:
    """Whether the names are of settings and of results: by what they say, or since another column marks them."""
    weights = [weight_of_name(name) for name in names]
    return len(names) > 1 and (marked or (max(weights) > 0 > min(weights)))


def _is_kind(look: Look, at: int) -> bool:
    """Whether a column says of each row whether it is a setting or a result."""
    words = {text.strip().lower() for text in pc.unique(look.table.columns[at]).to_pylist()}
    return words <= _SIDES.keys() and len({_SIDES[word] for word in words}) == 2


def _constant(look: Look, at: int) -> bool:
    return bool(pc.count_distinct(look.table.columns[at]).as_py() == 1) or at in look.rank_columns()


def _run_column(look: Look, others: list[int], named: pa.DictionaryArray) -> int | None:
    """Return the column that says which run a row is of: with it, no name comes twice, and runs have several rows."""
    codes = named.indices.to_numpy(zero_copy_only=False)
    for at in sorted(others, key=lambda at: not look.names_a_run(at)):
        runs = look.table.columns[at].dictionary_encode()
        count = len(runs.dictionary)
        if count < 2 or 2 * count > len(codes) or "" in runs.dictionary.to_pylist():
            continue
        pairs = runs.indices.to_numpy(zero_copy_only=False).astype(np.int64) * len(named.dictionary) + codes
        if len(np.unique(pairs)) == len(pairs):
            return at
    return None


def _pivoted(look: Look, key: int, value: int, *, run: int, kind: int | None) -> Shape:
    table = look.table
    runs, named = table.columns[run].dictionary_encode(), table.columns[key].dictionary_encode()
    of_run, of_name = (one.indices.to_numpy(zero_copy_only=False) for one in (runs, named))
    if len(named.dictionary) > MOST_COLUMNS:
        raise InputError(f"{look.label} names {len(named.dictionary):,} values; at most {MOST_COLUMNS:,} can be read.")
    cells = np.full((len(named.dictionary), len(runs.dictionary)), "", dtype=object)
    cells[of_name, of_run] = table.columns[value].to_pylist()
    first = pa.array(np.unique(of_run, return_index=True)[1])
    names, columns, dropped = [look.names[run]], [runs.dictionary.cast(pa.large_string())], []
    for at, name in enumerate(look.names):
        if at in (key, value, run, kind) or at in look.rank_columns():
            continue
        of_each = table.columns[at].take(first)
        if of_each.take(pa.array(of_run)).equals(table.columns[at]):
            names.append(name)
            columns.append(of_each)
        else:
            dropped.append(name)
    settled: dict[int, Verdict] = {}
    for at, name in enumerate(named.dictionary.to_pylist()):
        if kind is not None:
            side = _SIDES[table.columns[kind][int(np.flatnonzero(of_name == at)[0])].as_py().strip().lower()]
            settled[len(names)] = Verdict(side, f"the column {look.names[kind]} says so")
        names.append(name)
        columns.append(pa.array(cells[at].tolist(), type=pa.large_string()))
    said = (
        f"{look.label} holds a row for each {look.names[key]} of a run; it was read as {len(runs.dictionary):,} runs, "
        f"one for each {look.names[run]}."
    )
    if dropped:
        said += f" Not read, since it differs within a run: {listing(dropped, most=5)}."
    new = replace(table, names=tuple(names), columns=tuple(columns))
    return Shape(table.format, new, settled, {"name": 0}, warnings=(said,))


LONG_FORM = Kind("long form", _read)
