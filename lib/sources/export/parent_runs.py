"""Runs that started others: a search and its trials, a configuration and its folds. One of both counts.

MLflow's nested runs name their parent in the tag mlflow.parentRunId; the parent
carries the best of its children, their mean, or nothing. Counted beside them it
would be one more run of a configuration that was never run so. In an evolution the parent is a run like all others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from lib.model.numbers import count
from lib.model.sweep import CHILD, PARENT
from lib.sources.export.column_parts import Verdict
from lib.sources.export.evidence_of_names import weight_of_name
from lib.sources.export.text_table import TextTable

_HEADING = re.compile(
    r"(?:.*[./])?parent[ _-]?(?:(?:run|trial|job|task|experiment)s?)?[ _-]?(?P<id>id|uuid|uid|name|hash)?", re.I
)


@dataclass(frozen=True, eq=False, slots=True)
class Nested:
    """A table whose runs have parents, as it is read."""

    table: TextTable
    """The table, with the settings that a parent has and its children don't write in each child's row."""
    parent_column: int
    """The position of the column that names the parents."""
    states: pa.Array
    """The state of each run: PARENT or CHILD where it is left out since the others count, else as it was."""
    said: str
    """What was decided, as a sentence."""


def parent_columns(table: TextTable) -> list[int]:
    """Return the positions of the columns whose headings say that they name the run that started a run."""
    return [at for at, name in enumerate(table.names) if _HEADING.fullmatch(name.strip())]


def names_by_id(table: TextTable, at: int) -> bool:
    """Whether the heading of such a column says that it holds an id or a name, which is no setting."""
    found = _HEADING.fullmatch(table.names[at].strip())
    return found is not None and found["id"] is not None


def names_runs(table: TextTable, at: int, roles: Mapping[str, int]) -> bool:
    """Whether a column holds the id or the name of a run of the table."""
    called = {text for role in ("run_id", "name") if role in roles for text in table.columns[roles[role]].to_pylist()}
    return any(text and text in called for text in table.columns[at].to_pylist())


def nested_runs(
    table: TextTable, roles: Mapping[str, int], settled: Mapping[int, Verdict], unused: Collection[int]
) -> Nested | None:
    """Read the runs of a table of which some are the parents of others; None where none is, or all count.

    All count where most parents have settings of their own beside children with others: those were mutated from it.

    The children count, and a setting that only their parent has is theirs; but where children have no results and
    their parents do, the parents count. roles, unused : the columns that are a record of the run.
    """
    for at in parent_columns(table):
        for called in ("run_id", "name"):
            if called not in roles:
                continue
            place = {text: row for row, text in enumerate(table.columns[roles[called]].to_pylist()) if text}
            above = np.array([place.get(text, -1) for text in table.columns[at].to_pylist()])
            above[above == np.arange(len(above))] = -1
            if (above >= 0).any():
                recorded = {at, *roles.values(), *unused}
                return (
                    None
                    if _evolved(table, above, settled, recorded)
                    else _read(table, at, above, roles, settled, recorded)
                )
    return None


def _read(
    table: TextTable,
    at: int,
    above: np.ndarray,
    roles: Mapping[str, int],
    settled: Mapping[int, Verdict],
    recorded: Collection[int],
) -> Nested:
    """Read a table by the row of each run's parent, shape (rows,), -1 where it has none in the table."""
    parents = np.isin(np.arange(len(above)), above)
    leaves = (above >= 0) & ~parents
    others = [one for one in range(len(table.names)) if one not in recorded]
    columns = [column.to_pylist() for column in table.columns]
    results = [one for one in others if _is_result(table.names[one], settled.get(one))]
    of_parents = any(columns[one][row] for one in results for row in np.flatnonzero(parents))
    of_children = any(columns[one][row] for one in results for row in np.flatnonzero(leaves))
    left_out, state = (leaves, CHILD) if of_parents and not of_children else (parents, PARENT)
    if state == PARENT:
        for one in others:
            if one not in results:
                _fill(columns[one], above)
    stated = table.columns[roles["state"]].to_pylist() if "state" in roles else [""] * len(table)
    states = [state if out else known for known, out in zip(stated, left_out, strict=True)]
    if "runtime" in roles:
        # A parent runs as long as its children together.
        columns[roles["runtime"]] = _blanked(columns[roles["runtime"]], parents)
    filled = tuple(pa.array(cells, type=pa.large_string()) for cells in columns)
    said = _sentence(table.names[at], int(parents.sum()), int(leaves.sum()), state)
    return Nested(replace(table, columns=filled), at, pa.array(states, type=pa.large_string()), said)


def _evolved(table: TextTable, above: np.ndarray, settled: Mapping[int, Verdict], recorded: Collection[int]) -> bool:
    """Whether most parents have settings in which all their children differ from them."""
    others = [one for one in range(len(table.names)) if one not in recorded]
    settings = [table.columns[one].to_pylist() for one in others if not _is_result(table.names[one], settled.get(one))]
    of_parent: dict[int, list[int]] = {}
    for row in np.flatnonzero(above >= 0):
        of_parent.setdefault(int(above[row]), []).append(int(row))
    own = 0
    for parent, children in of_parent.items():
        varied = [cells for cells in settings if cells[parent] and any(cells[row] for row in children)]
        own += bool(varied) and all(any(cells[row] != cells[parent] for cells in varied) for row in children)
    return 2 * own > len(of_parent)


def _is_result(name: str, verdict: Verdict | None) -> bool:
    return verdict.part == "summary" if verdict is not None else weight_of_name(name) > 0


def _fill(cells: list[str], above: np.ndarray) -> None:
    """Write a setting of a parent in the rows of its children where none of them has one, top down."""
    having = {int(up) for row, up in enumerate(above) if up >= 0 and cells[row]}
    for row in range(len(cells)):
        up, steps = int(above[row]), 0
        while not cells[row] and up >= 0 and up not in having and steps < len(cells):
            cells[row] = cells[up]
            up, steps = int(above[up]), steps + 1


def _blanked(cells: Sequence[str], rows: np.ndarray) -> list[str]:
    return ["" if out else text for text, out in zip(cells, rows, strict=True)]


def _sentence(heading: str, parents: int, children: int, state: str) -> str:
    of = (
        f"{count(parents, 'run is the parent', 'runs are the parents')} of {children:,} others, by the column {heading}"
    )
    if state == CHILD:
        return f"{of}: the results are the parents', so their children are left out."
    return (
        f"{of}: the children are counted, with the settings that only their parent has, and the parents, which sum "
        f"them up, are left out. To rank the parents instead, choose the state {PARENT} (--states {PARENT})."
    )


def with_states(nested: Nested, roles: dict[str, int]) -> tuple[TextTable, dict[str, int]]:
    """Write the states of nested runs in the table's column of states, else in one of its own."""
    table, at = nested.table, roles.get("state")
    if at is None:
        table = replace(table, names=(*table.names, "state"), columns=(*table.columns, nested.states))
        return table, {**roles, "state": len(table.names) - 1}
    columns = (*table.columns[:at], nested.states, *table.columns[at + 1 :])
    return replace(table, columns=columns), roles
