"""How each column of the source was read, in words: its role, kind, scale and better direction, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.another_objective import known_goal
from lib.model.column_choices import UNUSED, roles_of

if TYPE_CHECKING:
    from lib.model.sweep import ColumnReading
    from lib.results.report import Report

HYPERPARAMETER, SEED, RESULT, NOT_USED = "hyperparameter", "seed or fold", "result", "not used"
CONSTANT, RECORD, EMPTY = "constant", "record of the run", "empty"
_OF_PARAMETER = {"searched": HYPERPARAMETER, "block": SEED, "fixed": CONSTANT}
_OF_PART = {"metadata": RECORD, "empty": EMPTY, "summary": RESULT}
_OF_NO_USE = ("metadata", "empty")
_LEAST_CERTAIN_FIRST = {"unsure": 0, "likely": 1, "sure": 2}


def columns_table(report: Report) -> pd.DataFrame:
    """One row a column of the source, least certain first: how it was read, how surely, and how many runs lack it.

    Columns: column, role, kind, scale, better, how sure, missing, why.
    """
    sweep = report.sweep
    stated = _stated(report)
    # Sorting is stable, so columns that are equally sure stay in the order of the file; records of the run come last.
    readings = sorted(sweep.readings, key=lambda r: (r.part in _OF_NO_USE, _LEAST_CERTAIN_FIRST.get(r.confidence, 9)))
    rows = [_row(report, one.column, one.part, one.type) | _sureness(one) for one in readings]
    rows += [_row(report, name, part, kind) | {"how sure": "sure", "why": "stated"} for part, name, kind in stated]
    columns = ["column", "role", "kind", "scale", "better", "how sure", "missing", "why"]
    return pd.DataFrame(rows, columns=columns).astype({"missing": "Int64"})


def _stated(report: Report) -> list[tuple[str, str, str]]:
    """Return part, name and type of the columns that the source itself put where they are."""
    sweep = report.sweep
    read = {(one.part, one.column) for one in sweep.readings}
    tables = (("config", sweep.config), ("summary", sweep.summary))
    return [
        (part, str(name), str(table[name].dtype))
        for part, table in tables
        for name in table.columns
        if (part, str(name)) not in read
    ]


def _sureness(reading: ColumnReading) -> dict[str, object]:
    return {"how sure": reading.confidence, "why": reading.why}


def _row(report: Report, name: str, part: str, kind: str) -> dict[str, object]:
    sweep, population = report.sweep, report.population
    table = {"config": sweep.config, "summary": sweep.summary}.get(part)
    held = table is not None and name in table.columns
    row: dict[str, object] = {"column": name, "kind": kind, "scale": "", "better": ""}
    row["missing"] = int(table[name].isna().sum()) if table is not None and held else None
    chosen = roles_of(population.choices.columns).get(name)
    parameter = next((p for p in population.parameters if p.name == name), None) if part == "config" else None
    if chosen == UNUSED:
        row["role"] = NOT_USED
    elif parameter is not None:
        row["role"] = _OF_PARAMETER.get(parameter.role, f"copy of {parameter.alias_of}")
        if parameter.role in ("searched", "block"):
            row |= {"kind": parameter.kind, "scale": parameter.scale if parameter.numeric else ""}
    else:
        row["role"] = _OF_PART.get(part, NOT_USED)
    if part == "summary" and row["role"] == RESULT:
        row["better"] = known_goal(population, name) or ""
    return row
