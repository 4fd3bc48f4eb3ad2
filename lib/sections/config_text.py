"""A run's config in forms to copy: YAML, a Python dict, arguments. Lists kept as JSON text are lists again."""

from __future__ import annotations

import json
import math
import pprint
import shlex
from collections.abc import Mapping
from typing import Any

from lib.analysis.sweep_yaml import comment, entry
from lib.model.columns import restored


def as_yaml(parameters: Mapping[str, Any], fixed: Mapping[str, Any]) -> str:
    """Write a config as YAML: searched parameters first, then the fixed ones."""
    lines = _lines(parameters)
    if fixed:
        lines += [*comment("the same in this run, but not searched"), *_lines(fixed)]
    return "\n".join(lines) + "\n" if lines else ""


def as_python(parameters: Mapping[str, Any], fixed: Mapping[str, Any]) -> str:
    """Write a config as a Python dict: searched parameters first, then the fixed ones."""
    whole = {name: restored(value) for name, value in {**parameters, **fixed}.items()}
    return _Printer(sort_dicts=False, width=100).pformat(whole)


def as_arguments(parameters: Mapping[str, Any], fixed: Mapping[str, Any]) -> str:
    """Write a config as command line arguments, as W&B agents hand them to a script (`${args}`), one a line."""
    whole = {name: restored(value) for name, value in {**parameters, **fixed}.items()}
    return " \\\n".join(f"--{shlex.quote(str(name))}={shlex.quote(_argument(value))}" for name, value in whole.items())


def _argument(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [line for name, value in values.items() for line in entry(name, restored(value))]


class _Printer(pprint.PrettyPrinter):
    """Writes NaN and infinity as Python reads them."""

    def format(self, object: object, context: dict[int, int], maxlevels: int, level: int) -> tuple[str, bool, bool]:
        if isinstance(object, float) and not math.isfinite(object):
            return f'float("{object}")', True, False
        return super().format(object, context, maxlevels, level)
