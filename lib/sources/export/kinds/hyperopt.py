"""Hyperopt's trials: the records of `trials.trials`, each with `result`, `misc` and `tid`, as JSON or as a table.

The form is that of `Trials` in https://github.com/hyperopt/hyperopt (hyperopt/base.py): a value stands in a list, which
is empty where the parameter didn't exist in a trial; states are 0 to 4, and the loss is always minimized. In a table
that pandas made of them, `result` and `misc` are dicts, or columns by their keys (`json_normalize`).
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from lib.model.columns import flatten
from lib.model.nesting import read_json
from lib.sources.export.column_parts import Verdict
from lib.sources.export.kinds.documented_sample import cell_text
from lib.sources.export.kinds.shape import Kind, Look, Shape
from lib.sources.export.literals import read_literal

_VALUES, _RESULT = "misc.vals.", "result."
_STATES = {"0": "pending", "1": "running", "2": "finished", "3": "failed", "4": "killed"}
_ROLES = {"tid": "run_id", "book_time": "created_at", "refresh_time": "heartbeat_at"}


def _read(look: Look) -> Shape | None:
    held = dict(zip(look.names, look.table.columns, strict=True))
    if {"result", "misc"} <= held.keys():
        held = {**held, **_of_dicts("result", held.pop("result")), **_of_dicts("misc", held.pop("misc"))}
    if "result.loss" not in held or not any(name.startswith(_VALUES) for name in held):
        return None
    names: list[str] = []
    columns: list[pa.Array] = []
    settled: dict[int, Verdict] = {}
    roles: dict[str, int] = {}
    for name, cells in held.items():
        if name.startswith(_VALUES):
            settled[len(names)] = Verdict("config", "a hyperparameter of Hyperopt's trials")
            cells = pa.array([_unwrapped(cell) for cell in cells.to_pylist()], type=pa.large_string())
        elif name.startswith(_RESULT) and name != "result.status":
            settled[len(names)] = Verdict("summary", "a result of Hyperopt's trials")
        elif name == "state":
            roles["state"] = len(names)
            cells = pa.array([_STATES.get(cell, cell) for cell in cells.to_pylist()], type=pa.large_string())
        elif name in _ROLES:
            roles[_ROLES[name]] = len(names)
        else:
            continue
        names.append(name.removeprefix(_VALUES).removeprefix(_RESULT))
        columns.append(cells)
    said = (
        f"{look.label} was read as trials of Hyperopt, which minimizes the loss; a hyperparameter made by hp.choice is "
        "the number of the option that was chosen."
    )
    table = replace(look.table, names=tuple(names), columns=tuple(columns), delimiter=",")
    config = {"metric": {"name": "loss", "goal": "minimize"}}
    return Shape("hyperopt", table, settled, roles, config=config, warnings=(said,))


def _of_dicts(name: str, cells: pa.Array) -> dict[str, pa.Array]:
    """Return a column of dicts as columns by dotted key; a cell that is none gives blank ones."""
    flat: list[dict[str, str]] = []
    for text in cells.to_pylist():
        try:
            record = read_literal(text) if text.startswith("{") else {}
        except ValueError:
            record = {}
        flat.append({f"{name}.{key}": cell_text(value) for key, value in flatten(record).items()})
    keys = dict.fromkeys(key for one in flat for key in one)
    return {key: pa.array([one.get(key, "") for one in flat], type=pa.large_string()) for key in keys}


def _unwrapped(cell: str) -> str:
    try:
        value = read_json(cell) if cell.startswith("[") else cell
    except ValueError:
        return cell
    if not isinstance(value, list):
        return cell
    return cell_text(value[0]) if len(value) == 1 else "" if not value else cell


HYPEROPT = Kind("Hyperopt", _read)
