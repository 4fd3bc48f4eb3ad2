"""A sweep config as YAML with comments; reading it back gives the config, whatever its names and values hold."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from lib.model.columns import as_number

_WIDTH = 110
# What YAML takes in no place, so that a comment that holds it would spoil the whole file.
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE
# Readers of YAML look no further for the colon after a key.
_LONGEST_PLAIN_KEY = 1000
_ONE_LINE = re.compile(r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")


def written(
    config: Mapping[str, Any],
    heading: Sequence[str],
    notes: Mapping[str, str],
    on_keys: Mapping[str, str] | None = None,
) -> str:
    """Write a W&B sweep config: comment lines first, then its keys, each parameter under its own note.

    heading : sentences. notes : by parameter, nested ones by dotted name. on_keys : notes on the config's other keys.
    """
    lines = [line for sentence in heading for line in comment(sentence)]
    for key, value in config.items():
        if key in (on_keys or {}):
            lines.extend(comment((on_keys or {})[key]))
        if key == "parameters" and isinstance(value, Mapping) and value:
            lines.append("parameters:")
            lines.extend(_parameters(value, notes, "", "  "))
        else:
            lines.extend(entry(key, value))
    return "\n".join(lines) + "\n"


def entry(key: str, value: Any, indent: str = "") -> list[str]:
    """Write one key of a mapping as lines: mappings in block form, all else in one line."""
    if isinstance(value, Mapping) and value:
        inner = (line for k, v in value.items() for line in entry(k, v, indent + "  "))
        return [*_opening(key, "", indent), *inner]
    return _opening(key, _in_one_line(value), indent)


def comment(sentence: str, indent: str = "") -> list[str]:
    """Write a sentence as comment lines."""
    plain = _UNPRINTABLE.sub("\ufffd", " ".join(sentence.split()))
    lines = textwrap.wrap(plain, _WIDTH - len(indent), break_on_hyphens=False)
    return [f"{indent}# {line}" for line in lines or [""]]


def _parameters(parameters: Mapping[str, Any], notes: Mapping[str, str], prefix: str, indent: str) -> list[str]:
    lines = []
    for name, spec in parameters.items():
        if f"{prefix}{name}" in notes:
            lines.extend(comment(notes[f"{prefix}{name}"], indent))
        if isinstance(spec, Mapping) and isinstance(spec.get("parameters"), Mapping) and spec["parameters"]:
            lines.extend(_opening(name, "", indent))
            for key, value in spec.items():
                if key == "parameters":
                    lines.append(f"{indent}  parameters:")
                    lines.extend(_parameters(value, notes, f"{prefix}{name}.", indent + "    "))
                else:
                    lines.extend(entry(key, value, indent + "  "))
        else:
            lines.extend(entry(name, spec, indent))
    return lines


def _opening(key: str, value: str, indent: str) -> list[str]:
    name = _in_one_line(key)
    after = f": {value}" if value else ":"
    return [f"{indent}{name}{after}"] if len(name) <= _LONGEST_PLAIN_KEY else [f"{indent}? {name}", f"{indent}{after}"]


def _in_one_line(value: Any) -> str:
    text = yaml.dump(value, Dumper=_OneLine, default_flow_style=True, sort_keys=False, width=10**9, allow_unicode=True)
    return str(text).removesuffix("\n").removesuffix("\n...")


class _OneLine(yaml.SafeDumper):
    """Writes any value in one line, without anchors; text in quotes where a reader could take it for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, text: str) -> yaml.ScalarNode:
        """Write text."""
        style = None
        if not _ONE_LINE.fullmatch(text):
            style = '"'
        elif as_number(text) is not None or text[:2].lower() in ("0o", "0x", "0b"):
            style = "'"
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_OneLine.add_representer(str, _OneLine.text)
