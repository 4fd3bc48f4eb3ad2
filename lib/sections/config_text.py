"""A run's config in forms to copy: YAML and a Python dict. Lists that were kept as JSON text are lists again."""

from __future__ import annotations

import pprint
from collections.abc import Mapping
from typing import Any

import yaml

from lib.model.columns import restored


def as_yaml(parameters: Mapping[str, Any], fixed: Mapping[str, Any]) -> str:
    """Write a config as YAML: searched parameters first, then the fixed ones."""
    parts = [_yaml(parameters)] if parameters else []
    if fixed:
        parts.append("# the same in this run, but not searched\n" + _yaml(fixed))
    return "".join(parts)


def as_python(parameters: Mapping[str, Any], fixed: Mapping[str, Any]) -> str:
    """Write a config as a Python dict: searched parameters first, then the fixed ones."""
    whole = {name: restored(value) for name, value in {**parameters, **fixed}.items()}
    return pprint.pformat(whole, sort_dicts=False, width=100)


def _yaml(values: Mapping[str, Any]) -> str:
    lines = []
    for name, value in values.items():
        whole = restored(value)
        # Lists on one line, everything else in block form: how people write sweep configs.
        flow = None if isinstance(whole, list) else False
        lines.append(yaml.safe_dump({name: whole}, default_flow_style=flow, allow_unicode=True, width=100))
    return "".join(lines)
