"""The search space: which config keys were searched, of what kind, on what scale; as declared or as runs show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.model.choices import Choices
from lib.model.column_choices import SETTING, UNUSED, kinds_of, roles_of
from lib.model.columns import plain
from lib.model.declared_space import declared_parameters
from lib.model.dependence import presence, same_factor
from lib.model.errors import InputError
from lib.model.evaluation_slices import is_a_slice
from lib.model.metric_names import counts_parameters, read_name
from lib.model.parameter import Kind, Parameter, Role
from lib.model.scales import scaled
from lib.model.sweep import NONE_LEVEL, Sweep

MOST_LEVELS = 10
_ROLES: tuple[Role, ...] = ("searched", "block", "fixed", "alias")
MOST_SEARCHED = 1_000
_LEVELS_OF_TEXT = 0.5
_FEWEST_NONE = 3
_BLOCKS = re.compile(
    r"(^|[._/ -])((seed|random_state)s?|rng|repeat|repeat_of|repetition|replicate|replication|replica|k?fold"
    r"|split(?=[_ -]?(id|idx|index|no|num|number)$))([_ -]?(id|idx|index|no|num|number))?$",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"(^path_to_)|(^|[._/ -])(dir|directory|folder|path|file|filename|checkpoint|ckpt|log|logs|url|uri|out|output"
    r"|save_name|save_as|run_name|exp_name|experiment_name)$",
    re.IGNORECASE,
)
_FEWEST_PLACES = 3
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def named_like_a_block(name: str) -> bool:
    """Whether a config key's name says that it makes repeats of one configuration: seed, data_seed, cv_fold, ….

    They are blocks: runs are compared within them, and none of them is better than another.
    """
    return bool(_BLOCKS.search(_CAMEL.sub("_", name)))


def parameters_of(sweep: Sweep, choices: Choices, rows: np.ndarray | None = None) -> tuple[Parameter, ...]:
    """Resolve the parameters: searched ones, blocks, fixed ones, aliases; each group in order of name.

    rows : positions of the used runs, which decide what varies and what goes with what; all runs where there are none.

    Declared ones keep what was declared, but a declared constant that varies is a parameter of these runs. Where
    nothing is declared, config keys that vary are searched (but not text that names each run, nor how many parameters a
    model has), and constant ones fixed.
    Seeds and folds that vary are blocks, declared or not, by their name or by the reader's word (`choices.seeds`).
    `choices.parameters` names the searched ones outright; `choices.scales` overrides scales. Of searched ones that
    determine each other in the used runs one is kept (a declared one, else the first that is named like a setting, else
    the first column), and the others are its aliases. What the reader says of single columns (`choices.columns`) stands
    above all of that. Raises InputError for a name that is no config key, a kind that a column can't be of, and for
    over 1,000 searched.
    """
    used = sweep.config if rows is None or not len(rows) else sweep.config.iloc[rows]
    declared = declared_parameters(sweep.declarations)
    if declared:
        found = {p.name: _as_run(sweep, p, used) for p in declared}
    else:
        columns = map(str, sweep.config.columns)
        found = {p.name: p for p in (_inferred(sweep, name, used) for name in columns) if p}
    roles = roles_of(choices.columns)
    found |= {name: _observed(sweep, name) for name, role in roles.items() if _is_wanted(used, found, name, role)}
    found |= _blocks(sweep, found, choices.seeds, roles)
    found = {name: parameter for name, parameter in found.items() if roles.get(name) != UNUSED}
    if choices.parameters is not None:
        found = _chosen(sweep, found, [name for name in choices.parameters if name not in choices.seeds])
    searched = sum(p.role == "searched" for p in found.values())
    if searched > MOST_SEARCHED:
        raise InputError(
            f"{sweep.origin.label} has {searched:,} config keys that vary or are searched; at most {MOST_SEARCHED:,} "
            "can be analysed. Name the searched ones (--parameters, or Hyperparameters at the top of the page)."
        )
    scales = dict(choices.scales)
    for name in scales:
        if name not in found:
            raise InputError(f"{sweep.origin.label} has no hyperparameter {name!r} to set the scale of.")
    found = _with_aliases(sweep, found, used, choices)
    found = _with_absences(sweep, found, used)
    kinds = kinds_of(choices.columns)
    found |= {name: _of_kind(sweep, found[name], kind) for name, kind in kinds.items() if name in found}
    resolved = [scaled(sweep, p, scales.get(p.name)) for p in found.values()]
    return tuple(sorted(resolved, key=lambda p: (_ROLES.index(p.role), p.name)))


def _as_run(sweep: Sweep, parameter: Parameter, used: pd.DataFrame) -> Parameter:
    """Return a declared parameter; one that was declared constant and isn't, as the runs show it."""
    if parameter.role == "searched" or parameter.name not in used.columns or used[parameter.name].nunique() < 2:
        return parameter
    observed = _inferred(sweep, parameter.name, used)
    return parameter if observed is None else observed


def _with_aliases(
    sweep: Sweep, found: Mapping[str, Parameter], used: pd.DataFrame, choices: Choices
) -> dict[str, Parameter]:
    """Return the parameters with those that another one determines, and that determine it, as its aliases."""
    columns = [str(name) for name in sweep.config.columns]
    searched = {name for name, p in found.items() if p.role == "searched"}
    if choices.parameters is not None:
        # A column that the reader made of others, and asks for beside them, is wanted as it is.
        searched -= {one.name for one in sweep.derived}
    kept_first = [name for name, p in found.items() if name in searched and p.declared and name in used.columns]
    others = [name for name in columns if name in searched and name not in kept_first]
    # An id that several runs share names one of them again: run_id beside the model that it holds.
    others.sort(key=lambda name: (read_name(name).role == "id", read_name(name).role != "setting"))
    unused = {name for name, role in roles_of(choices.columns).items() if role == UNUSED}
    if kept_first and choices.parameters is None:
        others += [n for n in columns if n not in found and n not in unused and not named_like_a_block(n)]
    out = dict(found)
    for group in same_factor(used, [*kept_first, *others]):
        kept = next((name for name in group if name in searched), None)
        for name in group:
            if kept is not None and name != kept:
                known = found.get(name) or _observed(sweep, name)
                out[name] = replace(known, role="alias", alias_of=kept)
    return out


def _with_absences(sweep: Sweep, found: Mapping[str, Parameter], used: pd.DataFrame) -> dict[str, Parameter]:
    """Return the parameters with what a missing value means: the level of another one, a level of its own, or nothing.

    A parameter that has values exactly under certain levels of another exists only there. Where few levels are repeated
    and half as many runs as the rarest of them has, and at least three, have none, or none and the levels make a full
    grid with the other parameters, none is a level too; but not in runs of several sweeps, which may not have had the
    parameter.
    """
    searched = [name for name, p in found.items() if p.role == "searched" and name in used.columns]
    complete = [name for name in searched if used[name].notna().all()]
    several = len(sweep.sweep_names) > 1
    out = dict(found)
    for name in searched:
        parameter = found[name]
        if used[name].notna().all() or parameter.null_level:
            continue
        where = presence(used, name, complete)
        if where is not None:
            out[name] = replace(parameter, only_where=(where.parent, where.levels))
        elif not several and not parameter.declared and parameter.grouped and _none_is_a_level(used, name, complete):
            levels = (*(parameter.values or ()), NONE_LEVEL)
            out[name] = replace(parameter, kind="categorical", low=None, high=None, values=levels, null_level=True)
    return out


def _none_is_a_level(used: pd.DataFrame, name: str, complete: Sequence[str]) -> bool:
    counts = used[name].value_counts()
    empty = int(used[name].isna().sum())
    if len(counts) > MOST_LEVELS:
        return False
    return empty >= max(_FEWEST_NONE, int(counts.min()) / 2) or (empty > 1 and _crosses(used, name, complete))


def _crosses(used: pd.DataFrame, name: str, complete: Sequence[str]) -> bool:
    """Whether none meets the levels of the complete columns as often as each value of a column does, as in a grid."""
    others = [other for other in complete if used[other].nunique() <= MOST_LEVELS]
    met = used.groupby([name, *others], dropna=False, sort=False).size()
    possible = used[name].nunique(dropna=False) * np.prod([used[other].nunique() for other in others])
    return bool(others) and len(met) == possible and met.nunique() == 1


def _listing(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _chosen(sweep: Sweep, found: Mapping[str, Parameter], names: Sequence[str]) -> dict[str, Parameter]:
    known = [str(name) for name in sweep.config.columns]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"{sweep.origin.label} has no config key {unknown[0]!r}. Choose parameters from: {_listing(known)}."
        )
    chosen = {}
    for name, parameter in found.items():
        if name not in names and parameter.role != "searched":
            chosen[name] = parameter
    for name in names:
        declared = found.get(name)
        if declared is not None and declared.role == "searched":
            chosen[name] = declared
        else:
            chosen[name] = _observed(sweep, name)
    return chosen


def _is_wanted(used: pd.DataFrame, found: Mapping[str, Parameter], name: str, role: str) -> bool:
    """Whether the reader calls something a setting that would not be searched, and it varies."""
    known = found.get(name)
    searched = known is not None and known.role == "searched"
    return role == SETTING and not searched and name in used.columns and used[name].nunique() > 1


def _of_kind(sweep: Sweep, parameter: Parameter, kind: Kind) -> Parameter:
    """Return a parameter as the kind that the reader chose. Raises InputError for text that is to be a number."""
    if parameter.role not in ("searched", "block") or kind == parameter.kind:
        return parameter
    column = sweep.config[parameter.name].dropna() if parameter.name in sweep.config.columns else pd.Series(dtype=float)
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if kind != "categorical" and not numeric:
        raise InputError(f"{parameter.name} of {sweep.origin.label} holds no numbers, so it can't be {kind}.")
    if kind in ("continuous", "integer"):
        low, high = (plain(column.min()), plain(column.max())) if len(column) else (None, None)
        return replace(parameter, kind=kind, values=None, low=low, high=high, null_level=False)
    values = parameter.values or tuple(sorted((plain(v) for v in column.unique()), key=lambda v: (str(type(v)), v)))
    low, high = (None, None) if kind == "categorical" else (parameter.low, parameter.high)
    return replace(parameter, kind=kind, values=values, low=low, high=high)


def _blocks(
    sweep: Sweep, found: Mapping[str, Parameter], seeds: Sequence[str], roles: Mapping[str, str]
) -> dict[str, Parameter]:
    """Return the config keys that vary and are blocks: as they were declared, else as the runs show them."""
    blocks = {}
    for name in map(str, sweep.config.columns):
        if roles.get(name) == SETTING and name not in seeds:
            continue
        declared = found.get(name)
        block = name in seeds or named_like_a_block(name)
        if not block and declared is not None and not declared.declared:
            block = is_a_slice(sweep.config, name)
        if block and sweep.config[name].nunique(dropna=False) > 1:
            searched = declared if declared and declared.role == "searched" else _observed(sweep, name)
            blocks[name] = replace(searched, role="block")
    return blocks


def _inferred(sweep: Sweep, name: str, used: pd.DataFrame) -> Parameter | None:
    column = used[name].dropna()
    if column.empty:
        return None
    levels = column.nunique()
    if levels < 2:
        return Parameter(name, "fixed", "categorical", values=(plain(column.iloc[0]),))
    is_text = not pd.api.types.is_numeric_dtype(column)
    if is_text and (levels > max(MOST_LEVELS, _LEVELS_OF_TEXT * len(column)) or _names_each_run(name, column)):
        return None
    words = read_name(name).words
    if not is_text and len(words) > 1 and counts_parameters(name):
        # It follows from the settings that a run logged it beside.
        return None
    return _observed(sweep, name)


def _names_each_run(name: str, column: pd.Series) -> bool:
    """Whether text says where each run is kept: `output_dir`, `log_path`, another one for each run."""
    return bool(_PLACES.search(_CAMEL.sub("_", name))) and column.nunique() == len(column) >= _FEWEST_PLACES


def _observed(sweep: Sweep, name: str) -> Parameter:
    column = sweep.config[name].dropna()
    levels = column.nunique()
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        values = tuple(sorted((plain(v) for v in column.unique()), key=str))
        return Parameter(name, "searched", "categorical", values=values)
    numbers = column.to_numpy(dtype=float)
    finite = column[np.isfinite(numbers)]
    whole = pd.api.types.is_integer_dtype(column)
    low, high = (plain(finite.min()), plain(finite.max())) if finite.size else (None, None)
    per_level = len(column) / max(levels, 1)
    if levels <= MOST_LEVELS and per_level >= (2 if whole else 3):
        values = tuple(sorted(plain(v) for v in column.unique()))
        return Parameter(name, "searched", "discrete", "linear", None, low, high, values)
    return Parameter(name, "searched", "integer" if whole else "continuous", "linear", None, low, high)
