"""Texts of errors that stand beside the runs: a run with one failed, where no column says how runs ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from lib.model.columns import as_number
from lib.model.numbers import count
from lib.sources.export.text_table import TextTable

_NAMES = frozenset((
    "error", "errors", "exception", "traceback", "error_message", "error message", "err_msg", "error_msg", "failure",
    "fail_reason", "failure_reason", "exc_info",
))  # fmt: skip
_NOTHING = frozenset(("none", "null", "nan", "no", "false", "-", "ok", "n/a"))


def with_failures(table: TextTable, roles: Mapping[str, int]) -> tuple[TextTable, dict[str, int], str] | None:
    """Return the table with states in the place of errors, its roles, and what to say; None without errors.

    Texts are errors under a heading that says so, where some runs have none and no cell is a number.
    """
    if "state" in roles:
        return None
    for at, name in enumerate(table.names):
        if name.strip().lower() not in _NAMES:
            continue
        texts = table.columns[at].to_pylist()
        failed = [bool(text) and text.lower() not in _NOTHING for text in texts]
        if not any(failed) or all(failed) or any(as_number(text) is not None for text in texts if text):
            continue
        states = pa.array(["failed" if one else "finished" for one in failed], type=pa.large_string())
        columns = (*table.columns[:at], states, *table.columns[at + 1 :])
        said = (
            f"{count(sum(failed), 'run')} with a text in {name} {'counts' if sum(failed) == 1 else 'count'} as failed."
        )
        return replace(table, columns=columns), {**roles, "state": at}, said
    return None
