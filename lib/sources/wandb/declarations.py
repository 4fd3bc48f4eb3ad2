"""Turns a sweep's own record on W&B into a Declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.model.errors import InputError
from lib.model.sweep import Declaration
from lib.sources.config_yaml import read_config_yaml
from lib.sources.sweep_config import plain_config


def declaration_of(record: Any, sweep_id: str, url: str, *, config: Any, warnings: list[str]) -> Declaration:
    """Return the declaration of one sweep.

    `record` has W&B's `display_name` and `state`. `config` is the YAML text or what it was loaded as; one that can't
    be read is left out, and `warnings` gets a sentence about it.
    """
    plain = _plain(config, sweep_id, warnings)
    named = getattr(record, "display_name", None) or (plain or {}).get("name") or sweep_id
    state = getattr(record, "state", None)
    return Declaration(sweep_id, str(named), str(state).lower() if state else None, url, plain)


def _plain(config: Any, sweep_id: str, warnings: list[str]) -> Mapping[str, Any] | None:
    try:
        loaded = read_config_yaml(config, "It") if isinstance(config, str) else config
        if isinstance(loaded, Mapping):
            return plain_config(loaded)
    except InputError:
        pass
    warnings.append(f"The config of sweep {sweep_id} could not be read, so the ranges are taken from the runs.")
    return None
