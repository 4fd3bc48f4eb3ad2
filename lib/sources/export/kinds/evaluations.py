"""A row for each evaluation of a run: on validation, test and training data, named in a column such as `split`.

Read as runs they would be ranked across the data that they were evaluated on, and the best would be on training data.
So each run becomes one row, and each result a column for each of its evaluations: val/accuracy, test/accuracy.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.metric_names import read_name, words_of
from lib.model.numbers import listing
from lib.sources.export.column_parts import Verdict
from lib.sources.export.evidence_of_names import weight_of_name
from lib.sources.export.kinds.shape import Kind, Look, Shape
from lib.sources.export.text_table import MOST_COLUMNS

_NAMES = frozenset(("split", "subset", "phase", "set", "partition", "part", "stage", "slice", "fold", "mode"))
_ABOUT = frozenset(("data", "dataset", "eval", "evaluation", "evaluated", "on", "name", "type", "metric"))
_FEWEST_RUNS, _MOST_EVALUATIONS = 2, 12
# Of all evaluations of all runs, how many must be there.
_MADE = 0.75


def _read(look: Look) -> Shape | None:
    if look.chosen & set(look.names):
        return None
    at = next((at for at in range(len(look.names)) if _names_evaluations(look, at)), None)
    if at is None:
        return None
    evaluation = look.table.columns[at].dictionary_encode()
    kinds = len(evaluation.dictionary)
    most = len(look.table) / kinds
    constant = [one for one in range(len(look.names)) if one != at and _may_be_of_a_run(look, one, most)]
    run, runs = _numbered([look.table.columns[one] for one in constant], len(look.table))
    pairs = run * kinds + evaluation.indices.to_numpy(zero_copy_only=False)
    if runs < _FEWEST_RUNS or len(np.unique(pairs)) < len(pairs) or len(pairs) < _MADE * runs * kinds:
        return None
    results = [
        one
        for one in range(len(look.names))
        if one not in (at, *constant) and look.numbers(one) is not None and one not in look.rank_columns()
    ]
    if not results or len(constant) + len(results) * kinds > MOST_COLUMNS:
        return None
    return _one_row_a_run(look, at, constant=constant, results=results, run=run)


def _names_evaluations(look: Look, at: int) -> bool:
    """Whether a column says of each row what data it is an evaluation on: two or more of them, all of known names."""
    words = set(words_of(look.names[at]))
    if not words & _NAMES or not words <= _NAMES | _ABOUT or look.numbers(at) is not None:
        return False
    said = pc.unique(look.table.columns[at]).to_pylist()
    return 2 <= len(said) <= _MOST_EVALUATIONS and all(text and read_name(text).split for text in said)


def _may_be_of_a_run(look: Look, at: int, most: float) -> bool:
    """Whether a column may be the same in all evaluations of a run: no result, and no more values than there are runs.

    most : how many runs there are, where each has all evaluations.
    """
    if look.numbers(at) is not None and weight_of_name(look.names[at]) > 0:
        return False
    return pc.count_distinct(look.table.columns[at]).as_py() <= most / _MADE and at not in look.rank_columns()


def _numbered(columns: list[pa.Array], rows: int) -> tuple[np.ndarray, int]:
    """Return which combination of the cells of some columns each row has, as a number, and how many there are."""
    number = np.zeros(rows, dtype=np.int64)
    for column in columns:
        codes = column.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        _, number = np.unique(number * (rows + 1) + codes, return_inverse=True)
    return number, len(np.unique(number))


def _one_row_a_run(look: Look, at: int, *, constant: list[int], results: list[int], run: np.ndarray) -> Shape:
    first = np.unique(run, return_index=True)[1]
    evaluation = look.table.columns[at].dictionary_encode()
    of_row = evaluation.indices.to_numpy(zero_copy_only=False)
    names = [look.names[one] for one in constant]
    columns = [look.table.columns[one].take(pa.array(first)) for one in constant]
    settled: dict[int, Verdict] = {}
    for one in results:
        cells = np.full((len(evaluation.dictionary), len(first)), "", dtype=object)
        cells[of_row, run] = look.table.columns[one].to_pylist()
        for kind, text in sorted(zip(evaluation.dictionary.to_pylist(), cells, strict=True), key=lambda pair: pair[0]):
            settled[len(names)] = Verdict("summary", f"it differs between the evaluations of a run ({look.names[at]})")
            names.append(f"{kind}/{look.names[one]}")
            columns.append(pa.array(text.tolist(), type=pa.large_string()))
    kinds = listing(sorted(evaluation.dictionary.to_pylist()), most=5)
    said = (
        f"{look.label} holds a row for each {look.names[at]} ({kinds}) of a run; it was read as {len(first):,} runs "
        f"with the results of each {look.names[at]} side by side."
    )
    kept = {at, *constant, *results, *look.rank_columns()}
    if dropped := [name for one, name in enumerate(look.names) if one not in kept]:
        said += f" Not read, since it differs within a run: {listing(dropped, most=5)}."
    table = replace(look.table, names=tuple(names), columns=tuple(columns))
    return Shape(table.format, table, settled, warnings=(said,))


EVALUATIONS = Kind("evaluations", _read)
