"""Reads the YAML of a sweep config to check it, with the line of each issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.model.config_issue import Issue, Path, Severity
from lib.model.config_lint import lint
from lib.model.errors import InputError
from lib.model.text import whole_characters, without_controls
from lib.sources.config_yaml import config_lines, read_config_yaml

_WORST_FIRST: Mapping[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class PlacedIssue:
    """An issue of a sweep config and the line of its file."""

    issue: Issue
    """The issue."""
    line: int | None
    """The line, from 1, of the deepest key on its path that the file has; None where it has none of them."""

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.issue.severity


def check_config(text: str, where: str) -> tuple[PlacedIssue, ...]:
    """Return what is wrong or unwise in the YAML of a sweep config: errors first, then by line.

    Raises InputError for what is no readable YAML within bounds (see `read_config_yaml`), or holds no keys.
    """
    loaded = read_config_yaml(text, where)
    if not isinstance(loaded, Mapping):
        raise InputError(f"{where} is not a sweep config: it holds no keys. Write method:, metric: and parameters:.")
    lines = config_lines(text, where)
    placed = [PlacedIssue(issue, _line(lines, issue.path)) for issue in lint(loaded)]
    return tuple(sorted(placed, key=lambda one: (_WORST_FIRST[one.severity], one.line or 0, one.issue.where)))


def line_of(placed: PlacedIssue, where: str) -> str:
    """Return an issue as one line: file, line, severity, path, what is there, and what to do."""
    issue = placed.issue
    at = f"{where}:{placed.line}" if placed.line else where
    text = f"{at}: {issue.severity}: {issue.where}: {issue.what}. {issue.fix}."
    return without_controls(whole_characters(" ".join(text.split())))


def _line(lines: Mapping[Path, int], path: Path) -> int | None:
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None
