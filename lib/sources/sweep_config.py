"""Reads a W&B sweep config (YAML) that a reader hands in beside the runs, and puts it on a sweep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lib.model.columns import as_number
from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep

LARGEST_CONFIG = 100_000
_MOST_NODES = 20_000
_KEYS = "Give the sweep's YAML, with the keys method, metric and parameters."
_TEXT_KEYS = {"name", "description", "program", "method", "goal", "distribution", "project", "entity", "type"}


def parse_sweep_config(text: str, where: str) -> Declaration:
    """Read a sweep config as W&B takes it (YAML 1.1), with `1e-5` as the number that it means.

    `where` names the file in messages. Raises InputError for what is no sweep config: unreadable YAML, no mapping, no
    `parameters`, over 100 kB, or aliases that unfold into more than 20,000 entries.
    """
    import yaml

    if len(text) > LARGEST_CONFIG:
        raise InputError(f"{where} is over 100 kB, which no sweep config is. Give the YAML of the sweep.")
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{where} is not readable YAML{_line_of(error)}. Give the YAML of the sweep.") from error
    except RecursionError:
        raise InputError(f"{where} is nested too deeply to be a sweep config.") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{where} can't be read as YAML: {error}. Give the YAML of the sweep.") from error
    if not isinstance(loaded, Mapping):
        raise InputError(f"{where} is not a sweep config: it holds no keys. {_KEYS}")
    parameters = loaded.get("parameters")
    # A scheduler may hold the search space itself, so that a config of W&B needs no parameters beside it.
    if not (isinstance(parameters, Mapping) and parameters) and not isinstance(loaded.get("scheduler"), Mapping):
        raise InputError(f"{where} is not a sweep config: it has no parameters. {_KEYS}")
    metric = loaded.get("metric")
    if metric is not None and not (isinstance(metric, Mapping) and metric.get("name")):
        raise InputError(f"The metric in {where} has no name. Write metric: with name: and goal: beneath it.")
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

    A snapshot keeps exactly this, so a config from any source should pass through here. Raises InputError where
    aliases unfold into more than 20,000 entries, or a list holds itself.
    """
    left = [_MOST_NODES]
    try:
        plain = _plain(config, "", left)
    except RecursionError:
        raise InputError(f"{where} is nested too deeply to be a sweep config.") from None
    if left[0] < 0:
        raise InputError(f"{where} unfolds into more than {_MOST_NODES:,} entries, which no sweep config does.")
    return plain


def declare(sweep: Sweep, declaration: Declaration) -> Sweep:
    """Return the sweep as declared by the reader's config, which takes the place of what the source declared.

    Ids, names and addresses of the sweeps that the runs are of stay known.
    """
    known = sweep.declarations or (Declaration(name=declaration.name),)
    return sweep.with_declarations(tuple(replace(one, config=declaration.config) for one in known))


def _plain(value: Any, key: str, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        return None
    if isinstance(value, Mapping):
        return {str(k): _plain(v, str(k), left) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return [_plain(item, key, left) for item in items]
    if isinstance(value, str):
        number = None if key in _TEXT_KEYS else as_number(value)
        return value if number is None else number
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return json.loads(json.dumps(value, default=str))


def _line_of(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark is not None else ""
