"""Reads the YAML of a sweep config within bounds, which are checked on the stream of events.

Nothing is built from aliases before what they unfold to is counted, and no number is worked out before its length is
known: some hundred bytes of YAML can stand for gigabytes otherwise (https://github.com/yaml/pyyaml/issues/897).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from lib.model.errors import InputError
from lib.model.nesting import DEEPEST
from lib.sources.config_bounds import (
    LARGEST,
    LARGEST_NUMBER,
    MOST_ENTRIES,
    nested_too_deeply,
    number_too_large,
    too_many_entries,
)

# The largest float has 309 digits, and 1,024 as a binary number.
_LONGEST_NUMBER = 1_100
_GIVE = "Give the YAML of the sweep."
_TAG = "tag:yaml.org,2002:"


def read_config_yaml(text: str, where: str) -> Any:
    """Return what YAML 1.1 text holds, as W&B's own reader (PyYAML) would, within bounds; `where` names it in messages.

    Keys, dates and binary values are text as written, and sets are lists. Raises InputError for text that is no YAML,
    is over 100 kB, unfolds into more than 20,000 entries, is nested more than 50 levels deep, has a number of over
    1,100 characters, a key twice in one mapping, a key that is no text, several documents, or a tag of its own.
    """
    return _taken(text, where, lambda loader: loader.get_single_data())


def config_lines(text: str, where: str) -> dict[tuple[str, ...], int]:
    """Return the line (from 1) of each key of YAML text, by the keys from the top; items of lists by their place.

    Raises InputError as `read_config_yaml` does.
    """
    lines: dict[tuple[str, ...], int] = {}
    root = _taken(text, where, lambda loader: loader.get_single_node())
    waiting: list[tuple[tuple[str, ...], Any]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            children = [(key.value, key.start_mark.line, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            children = [(str(at), one.start_mark.line, one) for at, one in enumerate(node.value)]
        else:
            children = []
        for key, line, value in children:
            lines[(*path, key)] = line + 1
            waiting.append(((*path, key), value))
    return lines


def _taken(text: str, where: str, take: Callable[[_Loader], Any]) -> Any:
    if len(text) > LARGEST:
        raise InputError(f"{where} is over 100 kB, which no sweep config is. {_GIVE}")
    try:
        loader = _Loader(text, where)
        try:
            return take(loader)
        finally:
            loader.dispose()
    except yaml.constructor.ConstructorError as error:
        what = textwrap.shorten(str(error.problem), 120, placeholder=" …") if error.problem else "a value is misplaced"
        raise InputError(f"{where} is not readable YAML{_line_of(error)}: {what}. {_GIVE}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{where} is not readable YAML{_line_of(error)}. {_GIVE}") from error
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise InputError(f"{where} can't be read as YAML: a value doesn't fit its tag ({error}). {_GIVE}") from error


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read: its anchor, the entries before it, and how deeply it is nested so far."""

    anchor: str | None
    before: int
    height: int = 1


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which counts every event as it is taken."""

    def __init__(self, text: str, where: str) -> None:
        super().__init__(text)
        self._where = where
        self._entries = 0
        self._documents = 0
        self._open: list[_Open] = []
        # Of each anchor how many entries it unfolds into, and how deeply they are nested.
        self._anchored: dict[str | None, tuple[int, int]] = {}

    def get_event(self) -> yaml.Event:
        event = super().get_event()
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise InputError(f"{self._where} holds several YAML documents. Give one.")
        elif isinstance(event, yaml.AliasEvent):
            if any(one.anchor == event.anchor for one in self._open):
                raise nested_too_deeply(self._where)
            self._add(*self._anchored.get(event.anchor, (1, 0)))
        elif isinstance(event, yaml.ScalarEvent):
            self._add(1, 0)
            if event.anchor:
                self._anchored[event.anchor] = (1, 0)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append(_Open(event.anchor, self._entries))
            self._add(1, 0)
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = self._open.pop()
            if ended.anchor:
                self._anchored[ended.anchor] = (self._entries - ended.before, ended.height)
            self._raise_to(ended.height + 1)
        return event

    def _add(self, entries: int, height: int) -> None:
        self._entries += entries
        if self._entries > MOST_ENTRIES:
            raise too_many_entries(self._where)
        if len(self._open) + height > DEEPEST:
            raise nested_too_deeply(self._where)
        self._raise_to(height + 1)

    def _raise_to(self, height: int) -> None:
        if self._open:
            self._open[-1].height = max(self._open[-1].height, height)

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for at, (key, value) in enumerate(node.value):
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is a list or a mapping", key.start_mark)
            if key.tag == f"{_TAG}merge":
                continue
            if key.value in seen:
                raise InputError(
                    f"{self._where} has the key {key.value[:80]!r} twice in one place (line "
                    f"{key.start_mark.line + 1}); only one of them would count. Remove the other."
                )
            seen.add(key.value)
            if key.tag.startswith(_TAG):
                # As it is written: `on` is the name of a parameter, and not the truth.
                node.value[at] = (yaml.ScalarNode(f"{_TAG}str", key.value, key.start_mark, key.end_mark), value)
        return node

    def number(self, node: yaml.ScalarNode) -> int | float:
        """Work out a number of bounded length."""
        if len(node.value) > _LONGEST_NUMBER:
            raise number_too_large(f"{self._where} (line {node.start_mark.line + 1})")
        if node.tag != f"{_TAG}int":
            return self.construct_yaml_float(node)
        whole: int = self.construct_yaml_int(node)
        if abs(whole) > LARGEST_NUMBER:
            raise number_too_large(f"{self._where} (line {node.start_mark.line + 1})")
        return whole

    def keys(self, node: yaml.MappingNode) -> list[Any]:
        """Return a set as the list of its members, in the order of the text."""
        return list(self.construct_mapping(node))


_AS: dict[str, Any] = {
    **dict.fromkeys(("timestamp", "binary", "value", "merge"), _Loader.construct_scalar),
    **dict.fromkeys(("int", "float"), _Loader.number),
    "set": _Loader.keys,
}
for _kind, _read in _AS.items():
    _Loader.add_constructor(f"{_TAG}{_kind}", _read)


def _line_of(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark is not None else ""
