"""Reads a W&B sweep config (YAML) that a reader hands in beside the runs, and puts it on a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lib.model.columns import as_number
from lib.model.errors import InputError
from lib.model.mapping_levels import with_mapping_levels
from lib.model.nesting import DEEPEST
from lib.model.sweep import Declaration, Sweep
from lib.model.text import whole_characters
from lib.sources.config_bounds import (
    LARGEST_NUMBER,
    MOST_ENTRIES,
    nested_too_deeply,
    number_too_large,
    too_many_entries,
)

# What has to be a number: where it is beyond 64 bits it is rounded to a float, and not kept as text.
_NUMBER_KEYS = {"min", "max", "mu", "sigma", "q"}
_LARGEST_INTEGER = 2**63 - 1
_KEYS = "Give the sweep's YAML, with the keys method, metric and parameters."
_TEXT_KEYS = {"name", "description", "program", "method", "goal", "distribution", "project", "entity", "type"}


def parse_sweep_config(text: str, where: str) -> Declaration:
    """Read a sweep config as W&B takes it (YAML 1.1), with `1e-5` as the number that it means.

    `where` names the file in messages. Raises InputError for what is no sweep config (unreadable or boundless YAML, as
    `read_config_yaml` and `plain_config` say, no mapping, no `parameters`) or has a metric without a name.
    """
    from lib.sources.config_yaml import read_config_yaml

    loaded = read_config_yaml(text, where)
    if not isinstance(loaded, Mapping):
        raise InputError(f"{where} is not a sweep config: it holds no keys. {_KEYS}")
    parameters = loaded.get("parameters")
    # A scheduler may hold the search space itself, so that a config of W&B needs no parameters beside it.
    if not (isinstance(parameters, Mapping) and parameters) and not isinstance(loaded.get("scheduler"), Mapping):
        raise InputError(f"{where} is not a sweep config: it has no parameters. {_KEYS}")
    metric = loaded.get("metric")
    if metric is not None and not (isinstance(metric, Mapping) and metric.get("name")):
        raise InputError(f"The metric in {where} has no name. Write metric: with name: and goal: below it.")
    metrics = loaded.get("metrics")
    if metrics is not None and not (
        isinstance(metrics, list) and metrics and all(isinstance(one, Mapping) and one.get("name") for one in metrics)
    ):
        raise InputError(
            f"The metrics in {where} are no list of names and goals. Write - {{name: ..., goal: ...}} for each."
        )
    config = plain_config(loaded, where)
    name = config.get("name")
    return Declaration(name=str(name) if name else None, config=config)


def plain_config(config: Mapping[Any, Any], where: str = "The sweep config") -> dict[str, Any]:
    """Return a loaded sweep config as JSON would hold it: text keys, lists, and YAML 1.1's text numbers as numbers.

    Integers beyond 64 bits are text, or floats where a range needs a number. A snapshot keeps exactly this, so a config
    from any source should pass through here. Raises InputError where it has more than 20,000 entries (counted as often
    as aliases show them), is nested more than 50 levels deep or holds itself, or has a number beyond 1e308, and where
    its parameters or its metric are no mapping: what reads them later takes that for granted.
    """
    plain: dict[str, Any] = _Plain(where).of(config, "", 1)
    for key in ("parameters", "metric"):
        if not isinstance(plain.get(key), (Mapping, type(None))):
            raise InputError(f"The {key} in {where} can't be read: names have to stand below {key}:. {_KEYS}")
    return plain


def declare(sweep: Sweep, declaration: Declaration) -> Sweep:
    """Return the sweep as declared by the reader's config, which takes the place of what the source declared.

    Ids, names and addresses of the sweeps that the runs are of stay known.
    """
    known = sweep.declarations or (Declaration(name=declaration.name),)
    declared = sweep.with_declarations(tuple(replace(one, config=declaration.config) for one in known))
    return with_mapping_levels(declared)


class _Plain:
    """Copies a config as plain values, and counts its entries."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._entries = 0

    def of(self, value: Any, key: str, depth: int) -> Any:
        """Return one value of the config, which stands under `key`."""
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise too_many_entries(self._where)
        if isinstance(value, (Mapping, list, tuple, set, frozenset)) and depth > DEEPEST:
            raise nested_too_deeply(self._where)
        if isinstance(value, Mapping):
            keyed = {whole_characters(str(k)): v for k, v in value.items()}
            return {k: self.of(v, k, depth + 1) for k, v in keyed.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
            return [self.of(item, key, depth + 1) for item in items]
        if isinstance(value, str):
            number = None if key in _TEXT_KEYS else as_number(value)
            return self._number(number, key, value) if number is not None else whole_characters(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self._number(value, key)
        if value is None or isinstance(value, (bool, float)):
            return value
        return whole_characters(str(value))

    def _number(self, number: int | float, key: str, text: str | None = None) -> int | float | str:
        if isinstance(number, float) or abs(number) <= _LARGEST_INTEGER:
            return number
        if abs(number) > LARGEST_NUMBER:
            raise number_too_large(self._where)
        return float(number) if key in _NUMBER_KEYS else text or str(number)
