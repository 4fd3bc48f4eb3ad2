"""Reads the CSV that W&B's website exports from a run table: works out which columns are metadata, config, summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lib.model.assemble import assemble
from lib.model.columns import Column, plain
from lib.model.declared_space import declared_parameters
from lib.model.errors import InputError
from lib.model.mapping_levels import with_mapping_levels
from lib.model.objective_choice import declared_metrics
from lib.model.sweep import CHILD, PARENT, ColumnReading, Declaration, Origin, Sweep
from lib.sources.export.baseline_rows import baseline_sentence
from lib.sources.export.cell_notes import mixed_sentences, sentences_on
from lib.sources.export.cells import plain_columns
from lib.sources.export.column_clues import clues_of
from lib.sources.export.column_evidence import Clues
from lib.sources.export.column_parts import Part, Verdict, decide_parts, parts_by_prefix, unmarked_counters
from lib.sources.export.error_texts import with_failures
from lib.sources.export.kinds import shape_of
from lib.sources.export.kinds.shape import RUNS_TABLE
from lib.sources.export.parent_runs import names_by_id, names_runs, nested_runs, parent_columns, with_states
from lib.sources.export.ranked_objective import stated_objective
from lib.sources.export.record_columns import numbers_runs
from lib.sources.export.repeated_values import repeated_values
from lib.sources.export.run_metadata import find_metadata, names_without_heading, reads_as_setting, run_table
from lib.sources.export.run_states import with_wandb_states
from lib.sources.export.tables import read_table
from lib.sources.export.text_columns import typed_text
from lib.sources.export.text_table import TextTable
from lib.sources.export.texts_of_settings import declared_as_text, with_texts

_PREFIXES: Mapping[str, Part] = {"config.": "config", "summary.": "summary", "summary_metrics.": "summary"}
_BY_PREFIX = "the heading's prefix says so"
_METHODS = ("bayes", "random", "grid", "custom")
_SWEEP_ID = re.compile(r"[a-z0-9]{8}")


@dataclass(frozen=True, eq=False, slots=True)
class _Field:
    """One column of the file: its heading, the key that it holds, and its typed content."""

    heading: str
    key: str
    column: Column
    clues: Clues
    prefix: Part | None = None


def read_export(
    content: bytes,
    label: str,
    *,
    declaration: Declaration | None = None,
    config_columns: Collection[str] = (),
    summary_columns: Collection[str] = (),
) -> Sweep:
    """Read an export's bytes; `label` names it in messages and in the report.

    A `declaration` (the sweep's config) settles that its parameters are config and its metric summary;
    `config_columns` and `summary_columns`, named by the reader, stand above that. A wholly empty column is in neither
    table. Raises InputError for what is no run table, or holds no numbers.
    """
    declared = _declared_names(declaration)
    shape = shape_of(read_table(content, label), label, {*config_columns, *summary_columns, *declared[1]})
    table = shape.table
    roles, unused = find_metadata(table.names, table.columns)
    marked = {*shape.settled, *shape.unused, *shape.roles.values()}
    roles = {role: at for role, at in roles.items() if at not in marked} | dict(shape.roles)
    unused = {*unused, *shape.unused} - set(roles.values())
    said = []
    at = None if {"name", "run_id"} & set(roles) else names_without_heading(table.names, table.columns)
    if at is not None and at not in {*marked, *unused} and table.names[at] not in {*config_columns, *declared[0]}:
        roles["name"] = at
        said.append(f"The texts of {table.names[at]}, another one in each row, were taken for the runs' names.")
    if (failures := with_failures(table, roles)) is not None:
        table, roles, failed = failures
        said.append(failed)
    elif "state" in roles:
        table, states = with_wandb_states(table, roles["state"])
        said += states
    parents = {at for at in parent_columns(table) if table.names[at] not in config_columns}
    unused |= {at for at in parents if names_by_id(table, at) or names_runs(table, at, roles)}
    if (nested := nested_runs(table, roles, shape.settled, unused)) is not None:
        table, roles = with_states(nested, roles)
        unused.add(nested.parent_column)
        said.append(nested.said)
    runs, warnings, named = run_table(roles, table.columns, len(table))
    warnings += said
    if not named:
        warnings.append(
            "The file has neither an ID nor a Name column, so the runs were numbered, in an order of their cells and "
            "not of the rows."
        )
    also_metrics = [at for at in roles.values() if table.names[at] in summary_columns]
    recorded = unused | {one for one in roles.values() if one != at or not reads_as_setting(table.names[one])}
    fields_at = [one for one in range(len(table.names)) if one not in recorded]
    as_declared = declared_as_text(declaration, table.names, table.columns)
    as_in_file = table.columns
    table, decided = _with_plain_numbers(table, [one for one in (*fields_at, *also_metrics) if one not in as_declared])
    warnings += decided
    fields = _fields(table, fields_at)
    if not any(field.clues.type in ("integer", "number") for field in fields):
        raise InputError(f"{label} has no numeric column, so there is nothing to analyse. Export it with its metrics.")
    states_of_runs = runs["state"].str.lower().to_list() if "state" in runs else [""] * len(runs)
    settled = repeated_values([table.names[at] for at in fields_at], [table.columns[at] for at in fields_at])
    settled |= {at: Verdict(part, _BY_PREFIX) for at, part in _marked(fields).items()}
    settled |= {fields_at.index(at): verdict for at, verdict in shape.settled.items() if at in fields_at}
    settled = {at: one for at, one in settled.items() if one.part != "config" or not numbers_runs(fields[at].clues)}
    settled |= _settled(fields, declared, set(config_columns), set(summary_columns))
    verdicts = decide_parts([field.clues for field in fields], states_of_runs, settled)
    stated = stated_objective([field.clues for field in fields], verdicts) if shape.config is None else None
    of_table = shape.config
    if stated is not None and declaration is None and not summary_columns:
        of_table, how = stated
        warnings.append(how)
    fields += _fields(table, also_metrics)
    verdicts += [Verdict("summary", "W&B's own record of the run, used as a metric too")] * len(also_metrics)
    parts = _parts(fields, verdicts)
    readings = _metadata_readings(table, roles, unused)
    for at, reading in zip((*fields_at, *also_metrics), _readings(fields, verdicts), strict=True):
        readings[at] = with_texts(reading, as_in_file[at], table.columns[at])
    warnings += mixed_sentences(parts)
    alone = np.array([state not in (PARENT, CHILD) for state in states_of_runs])
    names = runs["name" if "name" in runs else "run_id"].to_list()
    baselines = baseline_sentence(parts["config"], parts["summary"], names, alone)
    if baselines is not None:
        warnings.append(baselines)
    if not parts["config"]:
        warnings.append(
            f"No column of {label} reads as a hyperparameter, so runs can be ranked but not explained. The export of a "
            f"bar or scatter chart holds no more. {RUNS_TABLE}"
        )
    counted = None if shape.counted_by is None else table.names[shape.counted_by]
    index = pd.RangeIndex(len(table))
    sweep = assemble(
        Origin("csv", label, format=shape.format),
        runs,
        pd.DataFrame({name: column.values for name, column in parts["config"].items()}, index=index),
        summary=pd.DataFrame({name: column.values for name, column in parts["summary"].items()}, index=index),
        logged_nan={n: c.logged_nan for n, c in parts["summary"].items() if c.logged_nan is not None},
        declarations=_declarations(runs, fields, declaration, of_table),
        readings=tuple(reading for _, reading in sorted(readings.items(), key=lambda pair: pair[0])),
        warnings=(*table.warnings, *shape.warnings, *warnings),
        counted_by=counted if counted in parts["summary"] else None,
    )
    return with_mapping_levels(sweep)


def _fields(table: TextTable, positions: Sequence[int]) -> list[_Field]:
    prefixes = [_prefix(table.names[at]) for at in positions]
    kinds = {_PREFIXES[prefix] for prefix in prefixes if prefix}
    # In JSON the prefix is an object that the settings or the results stood in.
    marked = len(kinds) == 2 or (bool(positions) and all(prefixes)) or table.format in ("json", "jsonl")
    fields = []
    for at, prefix in zip(positions, prefixes, strict=True):
        heading = table.names[at]
        cells = table.columns[at]
        column = typed_text(cells)
        bare = heading[len(prefix or "") :]
        key = bare if marked and bare and bare not in table.names else heading
        part = _PREFIXES[prefix] if prefix and marked else None
        fields.append(_Field(heading, key, column, clues_of(key, column, cells), part))
    return fields


def _with_plain_numbers(table: TextTable, at: Sequence[int]) -> tuple[TextTable, list[str]]:
    """Rewrite the columns at these positions as plain numbers where they are numbers; and say what was decided."""
    columns = list(table.columns)
    plain, notes = plain_columns([table.names[i] for i in at], [columns[i] for i in at], table.delimiter)
    for position, cells in zip(at, plain, strict=True):
        columns[position] = cells
    return replace(table, columns=tuple(columns)), sentences_on(notes)


def _prefix(name: str) -> str | None:
    return next((prefix for prefix in _PREFIXES if name.startswith(prefix)), None)


def _marked(fields: Sequence[_Field]) -> dict[int, Part]:
    """Return the side of each column that prefixes say, its own or, of a counter, those of the settings."""
    keys = [field.key for field in fields]
    marked = {at: one.prefix for at, one in enumerate(fields) if one.prefix is not None} | parts_by_prefix(keys)
    return marked | unmarked_counters(keys, marked)


def _settled(
    fields: Sequence[_Field], declared: tuple[set[str], set[str]], config: set[str], summary: set[str]
) -> dict[int, Verdict]:
    parameters, metrics = declared
    settled: dict[int, Verdict] = {}
    for at, field in enumerate(fields):
        if field.prefix is not None:
            settled[at] = Verdict(field.prefix, _BY_PREFIX)
        elif field.key in parameters or not parameters.isdisjoint(_heads(field.key)):
            settled[at] = Verdict("config", "the sweep config names it as a parameter")
        elif field.key in metrics:
            settled[at] = Verdict("summary", "the sweep config names it as the metric")
        # A name that is there twice is of both sides, so a reader's choice of it has nothing to move.
        if field.key in config and not _twice(fields, field.key):
            settled[at] = Verdict("config", "chosen as a parameter by the reader")
        if field.key in summary and not _twice(fields, field.key):
            settled[at] = Verdict("summary", "chosen as the metric by the reader")
    return settled


def _heads(key: str) -> list[str]:
    """Return what stands before each dot of a key: opt.name is one key of the level of opt, a mapping."""
    words = key.split(".")
    return [".".join(words[:at]) for at in range(1, min(len(words), 20))]


def _twice(fields: Sequence[_Field], key: str) -> bool:
    return sum(field.key == key for field in fields) > 1


def _declared_names(declaration: Declaration | None) -> tuple[set[str], set[str]]:
    if declaration is None:
        return set(), set()
    metrics = {metric.name for metric in declared_metrics(declaration)}
    return {p.name for p in declared_parameters((declaration,))}, metrics


def _parts(fields: Sequence[_Field], verdicts: Sequence[Verdict]) -> dict[str, dict[str, Column]]:
    parts: dict[str, dict[str, Column]] = {"config": {}, "summary": {}}
    # Where counting a name's repeats goes on: begun again for each, thousands of one name would take minutes.
    numbers: Counter[tuple[Part, str]] = Counter()
    for field, verdict in zip(fields, verdicts, strict=True):
        if field.column.type == "empty" or verdict.part == "metadata":
            continue
        table, name, number = parts[verdict.part], field.key, (verdict.part, field.key)
        while name in table:
            numbers[number] += 1
            name = f"{field.key}#{numbers[number] + 1}"
        table[name] = field.column
    return parts


def _metadata_readings(table: TextTable, roles: Mapping[str, int], unused: Collection[int]) -> dict[int, ColumnReading]:
    words = {at: f"the record of the run, read as {role.replace('_', ' ')}" for role, at in roles.items()}
    words |= dict.fromkeys(unused, "a record of the run or a row number, not used in the report")
    return {at: ColumnReading(table.names[at], "metadata", "text", why) for at, why in words.items()}


def _readings(fields: Sequence[_Field], verdicts: Sequence[Verdict]) -> list[ColumnReading]:
    return [
        ColumnReading(field.heading, "empty", "empty", "no run has a value")
        if field.column.type == "empty"
        else ColumnReading(field.heading, verdict.part, field.column.type, verdict.why, verdict.confidence)
        for field, verdict in zip(fields, verdicts, strict=True)
    ]


def _declarations(
    runs: pd.DataFrame, fields: Sequence[_Field], given: Declaration | None, of_format: Mapping[str, Any] | None
) -> tuple[Declaration, ...]:
    """Return one declaration a sweep that the Sweep column names, with the config given or logged beside the runs.

    of_format : what the file's format says of the objective, where nothing else does.
    """
    config = given.config if given is not None else _logged_config(fields) or of_format
    sweeps = sorted(set(runs["sweep"]) - {""}) if "sweep" in runs else []
    name = given.name if given is not None else None
    if not sweeps:
        return (Declaration(name=name, config=config),) if config is not None or name is not None else ()
    return tuple(
        Declaration(id=text, name=name if len(sweeps) == 1 else None, config=config)
        if _SWEEP_ID.fullmatch(text)
        else Declaration(name=text, config=config)
        for text in sweeps
    )


def _logged_config(fields: Sequence[_Field]) -> dict[str, object] | None:
    """Return the metric and the method of a sweep config that the runs logged as their own config; None without."""
    constants = {field.key: _constant(field.column) for field in fields if field.clues.distinct == 1}
    config: dict[str, object] = {}
    if constants.get("method") in _METHODS:
        config["method"] = constants["method"]
    name, goal = constants.get("metric.name"), constants.get("metric.goal")
    numeric = {field.key for field in fields if field.clues.type in ("integer", "number")}
    if name in numeric and goal in ("maximize", "minimize"):
        config["metric"] = {"name": name, "goal": goal}
    return config or None


def _constant(column: Column) -> object:
    return plain(column.values.dropna().iloc[0]) if column.values.notna().any() else None
