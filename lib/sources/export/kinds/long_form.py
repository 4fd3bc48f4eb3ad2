"""A table in long form: one row a parameter or result of a run, named in one column with its value in another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.sources.export.column_evidence import evidence_of_name
from lib.sources.export.column_parts import Part, Verdict
from lib.sources.export.kinds.shape import RUNS_TABLE, Kind, Look, Shape, is_clock, is_counter
from lib.sources.export.text_table import MOST_COLUMNS

_KEYS = frozenset((
    "parameter", "param", "parameter_name", "param_name", "key", "variable", "field", "hyperparameter", "metric",
    "metric_name", "name", "tag", "item", "measure", "quantity", "setting", "option", "attribute", "parameter name",
))  # fmt: skip
_VALUES = frozenset(("value", "val", "values", "param_value", "metric_value", "parameter value"))
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
        if "" in named.dictionary.to_pylist() or not _holds_both(named.dictionary.to_pylist(), kind is not None):
            continue
        if len(named.dictionary) == len(look.table) and all(_constant(look, at) for at in others if at != kind):
            raise InputError(
                f"{look.label} holds the settings and results of one run, a row each, not a table of runs. {RUNS_TABLE}"
            )
        clocks = {at for at in others if is_counter(look.names[at]) or is_clock(look.names[at])}
        run = _run_column(look, [at for at in others if at != kind and at not in clocks], named)
        if run is not None:
            return _pivoted(look, key, values[0], run, kind)
        if clocks:
            raise InputError(
                f"{look.label} is the history of runs in long form (a row a logged value), not a table with one row a "
                f"run. {RUNS_TABLE}"
            )
    return None


def _holds_both(names: list[str], marked: bool) -> bool:
    """Whether the names are of settings and of results: by what they say, or since another column marks them."""
    weights = [sum(weight for weight, _ in evidence_of_name(name)) for name in names]
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


def _pivoted(look: Look, key: int, value: int, run: int, kind: int | None) -> Shape:
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
