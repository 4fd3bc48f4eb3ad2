"""A sweep config as YAML with comments; reading it back gives the config."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

_WIDTH = 110


def written(
    config: Mapping[str, Any],
    heading: Sequence[str],
    notes: Mapping[str, str],
    on_keys: Mapping[str, str] | None = None,
) -> str:
    """Write a W&B sweep config: comment lines first, then its keys, each parameter under its own note.

    heading : sentences. notes : by parameter, nested ones by dotted name. on_keys : notes on the config's other keys.
    """
    lines = [line for sentence in heading for line in _comment(sentence, "")]
    for key, value in config.items():
        if key in (on_keys or {}):
            lines.extend(_comment((on_keys or {})[key], ""))
        if key == "parameters" and isinstance(value, Mapping):
            lines.append("parameters:")
            lines.extend(_parameters(value, notes, "", "  "))
        else:
            lines.extend(_entry(key, value, ""))
    return "\n".join(lines) + "\n"


def _parameters(parameters: Mapping[str, Any], notes: Mapping[str, str], prefix: str, indent: str) -> list[str]:
    lines = []
    for name, spec in parameters.items():
        if f"{prefix}{name}" in notes:
            lines.extend(_comment(notes[f"{prefix}{name}"], indent))
        if isinstance(spec, Mapping) and isinstance(spec.get("parameters"), Mapping) and spec["parameters"]:
            lines.append(f"{indent}{_scalar(name)}:")
            for key, value in spec.items():
                if key == "parameters":
                    lines.append(f"{indent}  parameters:")
                    lines.extend(_parameters(value, notes, f"{prefix}{name}.", indent + "    "))
                else:
                    lines.extend(_entry(key, value, indent + "  "))
        else:
            lines.extend(_entry(name, spec, indent))
    return lines


def _entry(key: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, Mapping) and value:
        return [f"{indent}{_scalar(key)}:", *(line for k, v in value.items() for line in _entry(k, v, indent + "  "))]
    return [f"{indent}{_scalar(key)}: {_scalar(value)}"]


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**9, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _comment(sentence: str, indent: str) -> list[str]:
    plain = " ".join(sentence.split())
    return [f"{indent}# {line}" for line in textwrap.wrap(plain, _WIDTH - len(indent)) or [""]]
